import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';

const GRID_WIDTH = 24;

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row';

/** Gives each panel a place, from left to right and down, and an id of its own: the SDK gives no ids, and lets wide panels stick out. */
export function laidOut(dashboard: Dashboard): Dashboard {
  let id = 0;
  let x = 0;
  let y = 0;
  let lineHeight = 0;
  const place = ({ w, h }: { readonly w: number; readonly h: number }) => {
    if (x + w > GRID_WIDTH) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    const at = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return at;
  };
  const panel = (one: Panel): Panel => {
    id += 1;
    return { ...one, id, gridPos: place(one.gridPos ?? { w: GRID_WIDTH / 2, h: 8 }) };
  };
  const row = (one: RowPanel): RowPanel => {
    id += 1;
    const placed = { ...one, id, gridPos: place({ w: GRID_WIDTH, h: 1 }) };
    return { ...placed, panels: one.panels.map(panel) };
  };
  return { ...dashboard, panels: dashboard.panels?.map((one) => (isRow(one) ? row(one) : panel(one))) ?? [] };
}
