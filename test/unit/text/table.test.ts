import picocolors from 'picocolors';
import { inColumns, table } from '../../../scripts/text/table';

const { red } = picocolors.createColors(true);

describe('text in columns', () => {
  test('figures stand at the right, and no line ends in spaces', () => {
    expect(
      table(
        ['what', 'ms', 'note'],
        [
          ['search', '9', ''],
          ['a', '1,000', 'slow'],
        ],
        [1],
      ),
    ).toBe(['what       ms  note', 'search      9', 'a       1,000  slow'].join('\n'));
  });

  test('without a row says so', () => expect(table(['run', 'began'], [], [])).toBe('no runs'));

  test.each([
    ['wide characters', '漢字', 4],
    ['marks that combine', 'e\u0301n\u0303', 2],
    ['pictures', '👍🏽', 2],
    ['colours', red('ab'), 2],
    ['colours around what is wide', red('漢'), 2],
    ['control characters', 'a\u0007b', 2],
    ['nothing', '', 0],
  ])('%s are as wide as a terminal shows them', (_, text, width) => {
    expect(inColumns([['123456'], [text]], [])).toEqual([['123456'], [text + ' '.repeat(6 - width)]]);
    expect(inColumns([['123456'], [text]], [0])).toEqual([['123456'], [' '.repeat(6 - width) + text]]);
  });

  test('a cell of several lines makes its row as high', () => {
    expect(
      inColumns(
        [
          ['a\nbcd', '1'],
          ['e', '22\n3'],
        ],
        [1],
      ),
    ).toEqual([
      ['a  ', ' 1'],
      ['bcd', '  '],
      ['e  ', '22'],
      ['   ', ' 3'],
    ]);
  });

  test('a cell that a row lacks is empty', () => {
    expect(inColumns([['a', 'bc'], ['d']], [])).toEqual([
      ['a', 'bc'],
      ['d', '  '],
    ]);
  });
});
