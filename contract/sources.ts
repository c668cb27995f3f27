/** Sources by which the server says that it has no data, at HTTP 200. */
export const NO_DATA_SOURCES: readonly string[] = ['unknown', 'error', 'compliance_blocked'];
