import { describe, expect, it } from 'vitest';
import { CrmParser } from '../../grammar/crm/parser.js';
import { formatDiagnostic, readText } from '../../grammar/crm/read.js';

describe('the crm grammar', () => {
  it('is free of ambiguities that order does not resolve', () => {
    expect(() => new CrmParser({ skipValidations: false })).not.toThrow();
  });
  it('tries', () => {
    for (const s of ['primitive p1 Dummy params a=b op monitor interval=10s OCF_CHECK_LEVEL=10 meta x=1','location l a rule -inf: not_defined pingd or pingd number:lte 0','property foo: rule date spec years=2014 stonith-enabled=false', 'colocation c inf: ( a b:Master ) c', 'order o9 Mandatory: ( d1 [ d2 ] )', 'primitve p', 'primitive p Dummy parms', 'alert al /srv/x.sh to { /a attributes x=1 meta timeout=1 } meta timeout=2', 'order o9', 'bundle bu docker image=pcmk:httpd replicas=3 network ip-range-start=10.0.0.1 host-netmask=24 port-mapping port=80 storage storage-mapping target-dir=/var/www source-dir=/srv options=rw primitive a', 'fencing_topology t1 t2', 'role r1 read tag:primitive ref:a', 'primitive params Dummy params meta=1 op=2','group g a b meta x=1 op']) {
      const r = readText(s);
      console.log(JSON.stringify(r.statements[0]?.statement));
      for (const d of r.diagnostics) console.log(formatDiagnostic(d, s));
    }
  });
});
