import { main } from '../monitor/main.js';

process.exitCode = await main(process.argv.slice(2));
