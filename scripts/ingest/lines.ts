/** k6's longest lines are a few kilobytes; without a limit, a file without line ends would be read into memory whole. */
export const LONGEST_LINE_BYTES = 1_000_000;

const NEWLINE = 10;

/** Memory that is read into again and again, with room before what is read for the line that it continues. */
export class Page {
  /** Where what is read begins. */
  static readonly START = LONGEST_LINE_BYTES;
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor(readonly size: number) {
    // Not pooled: memory of its own, of which the operating system provides only what is ever touched.
    this.bytes = Buffer.allocUnsafeSlow(Page.START + size);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }
}

export interface LineSink {
  /** Whole lines, each with its end; `to` is behind the last. The page is used anew after the call. */
  lines(page: Page, from: number, to: number): void;
  /** What the end of the file closes, not a line end. */
  lastLine(bytes: Buffer): void;
  /** A line that cannot be given. */
  unreadable(reason: string): void;
}

/** Finds the whole lines in what is read, and puts the beginning of the next one before what will be read next. */
export class Splitter {
  private page: Page | null = null;
  /** What is read so far of a line, before `Page.START` of the page to come. */
  private restBytes = 0;
  private skipping = false;

  constructor(private readonly sink: LineSink) {}

  /**
   * @param size bytes that were read to `Page.START` of the page.
   * @param next the page that is given the next time; may be the same. Nothing before its `START` may be written to.
   */
  push(page: Page, size: number, next: Page): void {
    const { bytes } = page;
    const end = Page.START + size;
    let from = Page.START - this.restBytes;
    const lastEnd = bytes.subarray(Page.START, end).lastIndexOf(NEWLINE);
    if (lastEnd !== -1) {
      const to = Page.START + lastEnd + 1;
      if (this.skipping) {
        from = bytes.indexOf(NEWLINE, Page.START) + 1;
        this.skipping = false;
        this.sink.unreadable('longer than 1 MB');
      }
      if (from < to) this.sink.lines(page, from, to);
      from = to;
    }
    this.restBytes = this.skipping ? 0 : end - from;
    if (this.restBytes > LONGEST_LINE_BYTES) {
      this.restBytes = 0;
      this.skipping = true;
    }
    bytes.copy(next.bytes, Page.START - this.restBytes, end - this.restBytes, end);
    this.page = next;
  }

  end(): void {
    if (this.skipping) this.sink.unreadable('longer than 1 MB');
    else if (this.page !== null && this.restBytes > 0) {
      this.sink.lastLine(this.page.bytes.subarray(Page.START - this.restBytes, Page.START));
    }
  }
}
