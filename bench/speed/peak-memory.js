// Loaded into a process before all else: tells at its end the most memory that it held, in bytes, by the file PEAK_MEMORY_FILE.
const { writeFileSync } = require('node:fs');

process.once('exit', () => writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024)));
