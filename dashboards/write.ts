import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles } from './index';

for (const [path, text] of Object.entries(dashboardFiles())) writeFileSync(join(__dirname, path), text);
