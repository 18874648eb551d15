import { afterEach, describe, expect, it } from 'vitest';
import { readMetricsAddress, serveMetrics } from '../../src/agent/metrics.js';
import { parseXml } from '../../src/cib/xml.js';
import { metricsPage } from '../../src/monitor/metrics.js';
import { quorateState } from '../connection/agent-double.js';
import { cibOf, dummy, NOW_MS } from './status-of.js';

describe('where metrics are served', () => {
  it.each([
    ['9664', { address: '127.0.0.1', port: 9664 }],
    ['10.0.0.1:9664', { address: '10.0.0.1', port: 9664 }],
    ['[::1]:9664', { address: '::1', port: 9664 }],
  ])('%s', (text, place) => {
    expect(readMetricsAddress(text)).toEqual(place);
  });

  it.each(['', 'http', '1.2.3:80', '70000', 'host:9664', '[::1]'])('not at %j', (text) => {
    expect(readMetricsAddress(text)).toBe(
      `metrics are served at PORT, ADDRESS:PORT or [ADDRESS]:PORT, not at '${text}'`,
    );
  });
});

describe('the page of metrics', () => {
  let close = (): void => {};
  afterEach(() => close());

  it('is that of crm_mon, over HTTP, made again when it has aged', async () => {
    let nowMs = NOW_MS;
    const resources = dummy('vip');
    let cib = cibOf({
      resources,
      constraints: '<rsc_location id="ban" rsc="vip" node="bravo" score="-INFINITY"/>',
      operations: [{ node: 'alpha', resource: 'vip' }],
      attributes: { 'alpha/rack': '7' },
    });
    const served = await serveMetrics({
      address: '127.0.0.1',
      port: 0,
      writer: async () => metricsPage,
      source: () => ({ cib: parseXml(cib), state: quorateState, nowMs }),
    });
    close = served.close;
    const at = (path: string) => fetch(`http://127.0.0.1:${served.port}${path}`);
    const answer = await at('/metrics');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text).toContain(
      'ha_cluster_pacemaker_resources{node="alpha",resource="vip",role="started",managed="true",group="",clone="",agent="ocf:heartbeat:Dummy",status="active"} 1\n',
    );
    expect(text).toContain('ha_cluster_corosync_quorum_votes{type="expected_votes"} 2\n');
    // All that ha_cluster_exporter documents of Pacemaker and Corosync and that this cluster has.
    for (const name of [
      'pacemaker_config_last_change',
      'pacemaker_fail_count',
      'pacemaker_migration_threshold',
      'pacemaker_nodes',
      'pacemaker_node_attributes',
      'pacemaker_location_constraints',
      'pacemaker_resources',
      'pacemaker_stonith_enabled',
      'corosync_member_votes',
      'corosync_quorate',
      'corosync_quorum_votes',
      'corosync_ring_errors',
      'corosync_rings',
      'scrape_success',
    ]) {
      expect(text).toContain(`# TYPE ha_cluster_${name} gauge\n`);
    }

    cib = cibOf({ resources, offline: ['alpha'] });
    nowMs += 100;
    expect(await (await at('/metrics')).text()).toBe(text);
    nowMs += 2000;
    expect(await (await at('/metrics')).text()).toContain(
      'ha_cluster_pacemaker_nodes{node="alpha",type="member",status="online"} 0\n',
    );
    expect((await at('/')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${served.port}/metrics`, { method: 'POST' })).status).toBe(405);
  });
});
