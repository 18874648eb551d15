import { isTrue, parseBoolean } from '../cib/boolean.js';
import { clusterProperty } from '../cib/cluster-property.js';
import type { Element } from '../cib/element.js';
import { unpackStatus } from '../status/unpack.js';
import type { CommandStatus, Environment } from './command.js';

/** One thing that was looked at. */
interface Finding {
  readonly level: 'good' | 'warning' | 'bad';
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}

export async function health(env: Environment): Promise<CommandStatus> {
  const { session } = env;
  const connection = await session.connection();
  const cib = connection && (await session.readCib());
  if (!connection || !cib) return 'failed';
  const findings: Finding[] = [];
  if (connection.target.kind !== 'file') {
    const state = await connection.state();
    if (state.ok) {
      const { members, votes, quorate, dc } = state.value;
      findings.push(
        quorate
          ? { level: 'good', text: `quorate with ${votes.total} of ${votes.expected} votes` }
          : {
              level: 'bad',
              text: 'without quorum',
              advice: 'bring nodes back until more than half of the votes are there',
            },
      );
      if (quorate && votes.total - 1 < votes.quorum && votes.expected > 1) {
        findings.push({
          level: 'warning',
          text: 'one more lost node costs the quorum',
          advice:
            votes.expected <= 2
              ? 'two_node, or an arbiter on a third machine'
              : 'bring the missing nodes back',
        });
      }
      for (const { name, online } of members) {
        if (!online) findings.push({ level: 'bad', text: `${name} is not in the cluster` });
      }
      if (dc === null) findings.push({ level: 'bad', text: 'there is no DC: nothing is being managed' });
    }
  }
  findings.push(...judgeConfiguration(cib), ...judgeState(cib, session.world.now()));
  const MARK = { good: 'ok', warning: 'WARN', bad: 'FAIL' } as const;
  for (const { level, text, advice } of findings) {
    session.print(`${MARK[level].padEnd(5)} ${text}${advice === undefined ? '' : `\n      -> ${advice}`}`);
  }
  return findings.some(({ level }) => level === 'bad') ? 'failed' : 'done';
}

function judgeConfiguration(cib: Element): Finding[] {
  const found: Finding[] = [];
  const fencing = parseBoolean(clusterProperty(cib, 'stonith-enabled')) ?? true;
  const resources = [...(cib.at('configuration', 'resources')?.descendants() ?? [])];
  const devices = resources.filter(
    ({ name, attributes }) => name === 'primitive' && attributes.get('class') === 'stonith',
  );
  if (!fencing) {
    found.push({
      level: 'warning',
      text: 'fencing is off (stonith-enabled=false): a node that hangs may go on writing to shared data',
      advice: 'configure a fence device and set stonith-enabled=true',
    });
  } else if (devices.length === 0) {
    found.push({
      level: 'bad',
      text: 'fencing is on, but there is no fence device: resources will not start',
      advice: 'configure a primitive of class stonith, or (at your own risk) property stonith-enabled=false',
    });
  } else
    found.push({ level: 'good', text: `fencing is on, devices: ${devices.map(({ id }) => id).join(', ')}` });
  if (clusterProperty(cib, 'no-quorum-policy') === 'ignore' && !fencing) {
    found.push({
      level: 'warning',
      text: 'quorum is ignored and fencing is off: after a network split both halves run everything',
      advice: 'no-quorum-policy=stop with two_node or an arbiter, or working fencing',
    });
  }
  if (isTrue(clusterProperty(cib, 'maintenance-mode'))) {
    found.push({
      level: 'warning',
      text: 'the cluster is in maintenance mode: nothing is started or recovered',
    });
  }
  for (const constraint of cib.at('configuration', 'constraints')?.elements('rsc_location') ?? []) {
    if (!/^cli-(ban|prefer)-/.test(constraint.id)) continue;
    found.push({
      level: 'warning',
      text: `${constraint.id} is left from a move or ban`,
      advice: `crm resource clear ${constraint.get('rsc') ?? ''}`,
    });
  }
  return found;
}

function judgeState(cib: Element, nowMs: number): Finding[] {
  const found: Finding[] = [];
  const status = unpackStatus(cib, { nowMs });
  for (const node of status.nodes) {
    if (node.unclean)
      found.push({
        level: 'bad',
        text: `${node.name} is unclean: it must be fenced, or confirmed to be down`,
      });
    else if (node.standby) found.push({ level: 'warning', text: `${node.name} is in standby` });
    else if (node.maintenance) found.push({ level: 'warning', text: `${node.name} is in maintenance` });
  }
  for (const failure of status.failures) {
    found.push({
      level: 'bad',
      text: `${failure.operationKey} failed on ${failure.node.name}`,
      advice: `look into it, then crm resource cleanup ${failure.resource.xml.id}`,
    });
  }
  if (status.failures.length === 0) found.push({ level: 'good', text: 'no failed operations' });
  return found;
}
