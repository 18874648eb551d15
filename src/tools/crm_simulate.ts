import { createInterface } from 'node:readline';
import { crmSimulate, crmSimulateBatch } from '../cluster-tools/crm-simulate.js';
import { runTool } from '../command-line/tool.js';

export const run = () =>
  runTool((surroundings) =>
    surroundings.words[0] === '--batch'
      ? crmSimulateBatch(createInterface({ input: process.stdin }), surroundings)
      : crmSimulate(surroundings),
  );
