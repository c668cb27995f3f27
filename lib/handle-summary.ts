import { ownSegment } from './segment';
import { absolute, type Settings } from './settings';
import { type SummaryData, textSummary } from './summary';

/** What k6's `handleSummary` is to give: the text, and the data as JSON where `PERF_SUMMARY` says. */
export function endOfTest(settings: Settings, data: SummaryData): Record<string, string> {
  const enableColors = data.state.isStdOutTTY && data.options?.noColor !== true;
  const output: Record<string, string> = { stdout: textSummary(data, { enableColors, segment: ownSegment() }) };
  if (settings.config.PERF_SUMMARY !== null) {
    // What setup returns may hold a token: it never reaches a file.
    const { setup_data: _, ...kept } = data;
    output[absolute(settings.config.PERF_SUMMARY)] = JSON.stringify(kept);
  }
  return output;
}
