import type { Element } from '../cib/element.js';
import type { Surroundings } from '../command-line/tool.js';
import { readConstraints, schedule } from '../scheduler/schedule.js';
import type { ClusterStatus } from '../status/types.js';
import { unpackStatus } from '../status/unpack.js';

export interface ConfigurationMessage {
  readonly severity: 'error' | 'warning';
  readonly text: string;
  /** Said only: it does not make the configuration a bad one. */
  readonly remark: boolean;
}

/**
 * What the cluster would complain about in a configuration that obeys its schema.
 *
 * @param withStatus the CIB has a status section: what is wrong with the nodes' state counts as well
 */
export function checkConfiguration(
  cib: Element,
  withStatus: boolean,
  surroundings: Surroundings,
): ConfigurationMessage[] {
  const options = { nowMs: surroundings.nowMs, utcOffsetSec: surroundings.zoneOffset };
  let status: ClusterStatus;
  if (withStatus) status = schedule(cib, options).status;
  else {
    status = unpackStatus(cib, options);
    readConstraints(status);
  }
  return status.messages.flatMap(({ severity, text, remark = false }) =>
    severity === 'notice' ? [] : [{ severity, text, remark }],
  );
}
