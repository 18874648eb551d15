import { CrmParser } from './parser.js';

let shared: CrmParser | undefined;

/** The parser, built when it is first needed: its self-analysis costs more than a whole `show`. */
export function crmParser(): CrmParser {
  shared ??= new CrmParser();
  return shared;
}
