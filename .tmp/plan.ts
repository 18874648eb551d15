import { readFileSync } from 'node:fs';
import { parseXml } from '../src/cib/xml.js';
import { schedule } from '../src/scheduler/index.js';
const cib = parseXml(readFileSync(process.argv[2]!, 'utf8'));
const r = schedule(cib, { nowMs: Date.now() });
console.log(r.messages, r.graph.synapses.map((s) => s.actions.map((a) => `${a.operationKey} ${a.onNode}`).join()));
