/** What the suite is told where it stands for that of any user: nothing but where its k6 and its cache are. */
export const withoutOverrides = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(PERF|K6|MAKE|MFLAGS)/.test(name) || name === 'PERF_K6' || name === 'PERF_CACHE_DIR',
    ),
  );
