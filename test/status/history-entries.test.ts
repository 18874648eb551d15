import { describe, expect, it } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { sortedHistory } from '../../src/status/history-entries.js';

/** Entries as `operation call-id`; they stand in the CIB in this order. */
function sorted(...entries: string[]): string[] {
  const operations = entries.map((entry) => {
    const [task, call] = entry.split(' ');
    return `<lrm_rsc_op id="a_${task}_0" operation="${task}" call-id="${call}"/>`;
  });
  const history = parseXml(`<lrm_resource id="a">${operations.join('')}</lrm_resource>`);
  return sortedHistory(history).map((operation) => operation.get('operation')!);
}

describe('the history of a resource', () => {
  it('goes by call ids, whatever the order in the CIB', () => {
    expect(sorted('start 5', 'monitor 2', 'stop 9', 'promote 7')).toEqual([
      'monitor',
      'start',
      'promote',
      'stop',
    ]);
  });

  it('is sorted as Pacemaker sorts where an entry without a call id is neither older nor newer than others', () => {
    expect(sorted('demote 3', 'promote 7', 'monitor -1', 'start 9')).toEqual([
      'demote',
      'promote',
      'start',
      'monitor',
    ]);
  });
});
