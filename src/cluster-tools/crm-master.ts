import { EXIT } from '../command-line/exit-codes.js';
import type { Tool } from '../command-line/tool.js';
import { ATTRIBUTE_OPTIONS, attribute, attributeWords, type FrontEnd, readFrontEnd } from './crm-standby.js';

const FRONT_END: FrontEnd = {
  options: [...ATTRIBUTE_OPTIONS, { long: 'resource', short: 'r', value: 'required' }],
  usageExit: EXIT.ERROR,
  help: `crm_master - show, set or remove the promotion score of a resource

Usage: crm_master <command> [<options>]

This command is deprecated. Use crm_attribute with the --promotion option
instead.
`,
};

/** Works as `crm_master` of Pacemaker 2.1.5 does. */
export const crmMaster: Tool = async (surroundings) => {
  const read = readFrontEnd(FRONT_END, surroundings);
  if (typeof read === 'number') return read;
  const resource =
    read.occurrences.findLast(({ option }) => option === 'resource')?.value ??
    surroundings.env.OCF_RESOURCE_INSTANCE;
  if (!resource) {
    surroundings.err('error: No resource specified\n');
    surroundings.out(`\n${FRONT_END.help}`);
    return FRONT_END.usageExit;
  }
  const words = attributeWords(read.occurrences.filter(({ option }) => option !== 'resource'));
  return attribute(surroundings, ['-n', `master-${resource}`, '--lifetime', 'forever', ...words]);
};
