// What a flame graph's file and a profile's page run in the browser: the only code here that neither Node nor k6 runs. It
// draws the graph whose data stand beside it, searches in it and zooms.
import flamegraph from 'd3-flame-graph';
import { select } from 'd3-selection';

/** Below it a frame cannot be seen, and thousands of them would make the browser slow. */
const NARROWEST_PX = 0.5;
const ZOOM_MS = 200;
/** Light enough for black letters. */
const SAME = [232, 232, 232];
const MORE = [255, 120, 100];
const LESS = [120, 170, 255];

/** By how much of what a function takes is more, or less, than before; a match of the search keeps its own colour. */
function changeColor({ highlight, data: { delta, value } }, color) {
  if (highlight) return color;
  const strength = Math.min(1, Math.abs(delta) / value);
  const end = delta > 0 ? MORE : LESS;
  return `rgb(${SAME.map((from, at) => Math.round(from + (end[at] - from) * strength)).join()})`;
}

function show(place) {
  const { root, unit, isDifferential } = JSON.parse(place.querySelector('script').textContent);
  const chartPlace = place.querySelector('.chart');
  const said = place.querySelector('output');
  const search = place.querySelector('input');
  const inWords = (value) => `${((100 * value) / root.value).toFixed(2)} %, ${Math.round(value)} ${unit}`;
  const change = ({ delta }) => {
    const points = (100 * delta) / root.value;
    return `, ${points > 0 ? '+' : ''}${points.toFixed(2)} points`;
  };
  const matches = ({ data: { name, where } }, term) => `${name} ${where}`.toLowerCase().includes(term.toLowerCase());

  const chart = flamegraph()
    .width(chartPlace.clientWidth)
    .minFrameSize(NARROWEST_PX)
    .transitionDuration(ZOOM_MS)
    .sort((a, b) => (a.data.name < b.data.name ? -1 : 1))
    .label(({ data }) => `${data.name} ${data.where}: ${inWords(data.value)}${isDifferential ? change(data) : ''}`)
    .setSearchMatch((node, term) => term !== '' && matches(node, term))
    .setSearchHandler((found, sum) => {
      said.textContent = search.value === '' ? '' : `${found.length} frames, ${inWords(sum)}`;
    });
  if (isDifferential) chart.setColorMapper(changeColor);
  select(chartPlace).datum(root).call(chart);

  search.addEventListener('input', () => {
    if (search.value === '') chart.clear();
    chart.search(search.value);
  });
  place.querySelector('button').addEventListener('click', () => chart.resetZoom());
  addEventListener('resize', () => chart.width(chartPlace.clientWidth).update());
}

for (const place of document.querySelectorAll('.flame-graph')) show(place);
