/** What a resource class can do (`pcmk_get_ra_caps`). */
export interface AgentCapabilities {
  readonly provider: boolean;
  readonly parameters: boolean;
  /** May be a globally unique clone. */
  readonly unique: boolean;
  readonly promotable: boolean;
  /** Takes the `pcmk_*` parameters of fence devices. */
  readonly fenceParameters: boolean;
}

const NONE: AgentCapabilities = {
  provider: false,
  parameters: false,
  unique: false,
  promotable: false,
  fenceParameters: false,
};
const BY_CLASS: Readonly<Record<string, AgentCapabilities>> = {
  ocf: { provider: true, parameters: true, unique: true, promotable: true, fenceParameters: false },
  stonith: { provider: false, parameters: true, unique: true, promotable: false, fenceParameters: true },
  nagios: { ...NONE, parameters: true },
};

export function agentCapabilities(standard: string | undefined): AgentCapabilities {
  return (standard !== undefined && BY_CLASS[standard.toLowerCase()]) || NONE;
}

const FENCE_PARAMETERS = new Set([
  'provides',
  'stonith-timeout',
  'pcmk_action_limit',
  'pcmk_delay_base',
  'pcmk_delay_max',
  'pcmk_host_argument',
  'pcmk_host_check',
  'pcmk_host_list',
  'pcmk_host_map',
]);

/** Whether the fencer itself uses this parameter, so that it never reaches the agent. */
export function isFencerParameter(name: string): boolean {
  return FENCE_PARAMETERS.has(name) || /^pcmk_[^_]*_(?:action|timeout|retries)$/.test(name);
}
