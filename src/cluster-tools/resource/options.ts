import type { OptionTable } from '../../command-line/options.js';

/** What a command of `crm_resource` needs. */
export interface Needs {
  /** Needs -r. */
  readonly resource?: boolean;
  /** Needs -N. */
  readonly node?: boolean;
  /** The resource need not exist. */
  readonly unchecked?: boolean;
  /** A shared id names the first instance of a globally unique clone, too. */
  readonly anyInstance?: boolean;
  /** Does not look at the CIB. */
  readonly local?: boolean;
}

/** The commands of `crm_resource`: option → what it needs. */
export const COMMANDS = {
  list: { unchecked: true },
  'list-raw': { unchecked: true },
  'list-operations': { unchecked: true },
  'list-all-operations': { unchecked: true },
  'list-standards': { local: true },
  'list-ocf-providers': { local: true },
  'list-agents': { local: true },
  'list-ocf-alternatives': { local: true },
  'show-metadata': { local: true },
  'query-xml': { resource: true, anyInstance: true },
  'query-xml-raw': { resource: true, anyInstance: true },
  'get-parameter': { resource: true, anyInstance: true },
  locate: { resource: true },
  constraints: { resource: true },
  stack: { resource: true },
  why: {},
  validate: { resource: true },
  cleanup: {},
  refresh: {},
  'set-parameter': { resource: true, anyInstance: true },
  'delete-parameter': { resource: true, anyInstance: true },
  move: { resource: true },
  ban: { resource: true },
  clear: { resource: true },
  delete: { resource: true, anyInstance: true },
  fail: { resource: true, node: true, unchecked: true },
  restart: { resource: true },
  wait: { local: true },
  digests: { resource: true, node: true },
  'force-demote': { resource: true },
  'force-stop': { resource: true },
  'force-start': { resource: true },
  'force-promote': { resource: true },
  'force-check': { resource: true },
} as const satisfies Record<string, Needs>;

export type CommandName = keyof typeof COMMANDS;

export const table: OptionTable = {
  name: 'crm_resource',
  summary: 'crm_resource - work with the resources of a cluster',
  formats: ['xml'],
  groups: [
    {
      name: 'queries',
      title: 'Queries:',
      help: 'Show query help',
      options: [
        { long: 'list', short: 'L', help: 'All resources with their state' },
        { long: 'list-raw', short: 'l', help: 'Ids of all resources that run agents' },
        { long: 'list-operations', short: 'O', help: 'Operations that count (-r, -N: only those)' },
        { long: 'list-all-operations', short: 'o', help: 'All recorded operations (-r, -N: only those)' },
        { long: 'list-standards', help: 'Classes of agents' },
        { long: 'list-ocf-providers', help: 'Providers of OCF agents' },
        { long: 'list-agents', value: 'STD:PROV', help: 'Agents of a class and provider' },
        { long: 'list-ocf-alternatives', value: 'AGENT', help: 'Providers of this OCF agent' },
        { long: 'show-metadata', value: 'SPEC', help: 'Meta-data of class:provider:agent' },
        { long: 'query-xml', short: 'q', help: 'Configuration of the resource, templates expanded' },
        { long: 'query-xml-raw', short: 'w', help: 'Configuration of the resource as it is written' },
        {
          long: 'get-parameter',
          short: 'g',
          value: 'PARAM',
          help: 'A parameter of the resource (--meta, --utilization: an attribute of that kind)',
        },
        { long: 'locate', short: 'W', help: 'Where the resource runs' },
        {
          long: 'constraints',
          short: 'a',
          help: 'Locations and colocations of the resource (--recursive: and of those colocated)',
        },
        { long: 'stack', short: 'A', help: 'As --constraints --recursive' },
        { long: 'why', short: 'Y', help: 'Why resources are not running (-r, -N: only those)' },
      ],
    },
    {
      name: 'commands',
      title: 'Commands:',
      help: 'Show command help',
      options: [
        {
          long: 'validate',
          value: 'LEVEL',
          optional: true,
          help: 'Let the agent judge the configuration (of -r, or --class, --agent, --provider, --option)',
        },
        { long: 'cleanup', short: 'C', help: 'Forget failures (-r, -N, -n, -I: only those)' },
        { long: 'refresh', short: 'R', help: 'Forget everything, so that the state is probed anew' },
        { long: 'set-parameter', short: 'p', value: 'PARAM', help: 'Set a parameter (to -v)' },
        { long: 'delete-parameter', short: 'd', value: 'PARAM', help: 'Remove a parameter' },
      ],
    },
    {
      name: 'locations',
      title: 'Locations:',
      help: 'Show location help',
      options: [
        {
          long: 'move',
          short: 'M',
          help: 'Move the resource to the node (-N), or away from where it is, by a constraint',
        },
        { long: 'ban', short: 'B', help: 'Keep the resource off the node (-N), or from where it is' },
        { long: 'clear', short: 'U', help: 'Remove the constraints of --move and --ban' },
        { long: 'expired', short: 'e', help: 'With --clear: only those that have expired' },
        {
          long: 'lifetime',
          short: 'u',
          value: 'TIMESPEC',
          help: 'With --move and --ban: how long it lasts (PT1H)',
        },
        { long: 'promoted', help: 'With --move, --ban and --clear: only the promoted role' },
        { long: 'master', help: 'Use --promoted' },
      ],
    },
    {
      name: 'advanced',
      title: 'Advanced:',
      help: 'Show advanced option help',
      options: [
        { long: 'delete', short: 'D', help: '(Advanced) Remove the resource from the CIB (needs -t)' },
        { long: 'fail', short: 'F', help: '(Advanced) Tell the cluster that the resource has failed' },
        { long: 'restart', help: '(Advanced) Restart the resource and what depends on it' },
        { long: 'wait', help: '(Advanced) Wait until the cluster has nothing to do' },
        { long: 'digests', help: '(Advanced) Hashes of the parameters (needs -r, -N; NAME=VALUE overrides)' },
        { long: 'force-demote', help: '(Advanced) Demote it here, past the cluster' },
        { long: 'force-stop', help: '(Advanced) Stop it here, past the cluster' },
        { long: 'force-start', help: '(Advanced) Start it here, past the cluster' },
        { long: 'force-promote', help: '(Advanced) Promote it here, past the cluster' },
        {
          long: 'force-check',
          value: 'LEVEL',
          optional: true,
          help: '(Advanced) Check its state here, past the cluster',
        },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [
        { long: 'node', short: 'N', value: 'NAME', help: 'Node name' },
        { long: 'recursive', help: 'Follow colocations (--set-parameter, --constraints)' },
        { long: 'resource-type', short: 't', value: 'ELEMENT', help: 'primitive, group, ... (-D)' },
        { long: 'parameter-value', short: 'v', value: 'PARAM', help: 'Value to set (-p)' },
        { long: 'meta', short: 'm', help: 'A meta-attribute, not a parameter (-p, -g, -d)' },
        { long: 'utilization', short: 'z', help: 'A utilization attribute (-p, -g, -d)' },
        { long: 'operation', short: 'n', value: 'OPERATION', help: 'Operation to forget (-C -r)' },
        { long: 'interval', short: 'I', value: 'N', help: 'Its interval (-C -r -n)' },
        { long: 'class', value: 'CLASS', help: 'Class of the agent (--validate)' },
        { long: 'agent', value: 'AGENT', help: 'Type of the agent (--validate)' },
        { long: 'provider', value: 'PROVIDER', help: 'Provider of the agent (--validate)' },
        { long: 'option', value: 'PARAM', help: 'NAME=VALUE (--validate without -r; several times)' },
        { long: 'set-name', short: 's', value: 'ID', help: '(Advanced) Id of the attribute set (-p, -d)' },
        { long: 'nvpair', short: 'i', value: 'ID', help: '(Advanced) Id of the attribute (-p, -d)' },
        { long: 'timeout', short: 'T', value: 'N', help: '(Advanced) How long to wait' },
        { long: 'force', short: 'f', help: 'Do it regardless' },
        { long: 'host-uname', short: 'H', value: 'NAME', hidden: true, help: '' },
      ],
    },
  ],
  options: [
    { long: 'quiet', short: 'Q', help: 'Say less' },
    { long: 'resource', short: 'r', value: 'ID', help: 'Resource id' },
  ],
  description: `Examples:

  crm_resource --resource myResource --move --node altNode
  crm_resource --resource myResource --set-parameter target-role --meta --parameter-value Stopped
  crm_resource --resource myResource --cleanup --node aNode`,
};
