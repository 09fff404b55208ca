import type { PolicyMatrix, PolicyObject, PolicyQuota } from '../../platform/policy/policy-matrix';
import { durationText } from './time-text';

/** The matrix for people: what each VM may do, and what it gets at most. What is not there is denied. */
export function policyText(matrix: PolicyMatrix): string {
  return matrix.subjects
    .map((subject) => {
      const rules = matrix.rules
        .filter((rule) => rule.subject === subject)
        .map(({ rights, object }) => [rights.join(', '), objectText(object)] as const);
      const quotas = matrix.quotas.filter((quota) => quota.subject === subject).map(quotaText);
      const width = Math.max(0, ...rules.map(([rights]) => rights.length));
      const lines = [
        ...rules.map(([rights, object]) => `  may  ${rights.padEnd(width)}  ${object}`),
        ...quotas.map((quota) => `  at most  ${quota}`),
      ];
      return [subject, ...(lines.length === 0 ? ['  may do nothing'] : lines)].join('\n');
    })
    .join('\n\n');
}

function objectText(object: PolicyObject): string {
  switch (object.is) {
    case 'memory':
      return `memory ${object.name} ${rangeText(object.address, object.size)}`;
    case 'device':
      return `device ${object.name}${object.address === undefined ? '' : ` ${rangeText(object.address, object.size!)}`}`;
    case 'channel':
      return `channel ${object.name} (${object.kind})`;
    case 'schedule':
      return 'the schedule';
    case 'vm':
      return `VM ${object.name}`;
    case 'network': {
      const { name, mac, vlan, trunk } = object;
      const tags = [
        ...(vlan === undefined ? [] : [`in VLAN ${vlan}`]),
        ...trunk.map((tag) => `with tag ${tag}`),
      ];
      return `network ${[name, `as ${mac}`, ...tags].join(' ')}`;
    }
  }
}

const rangeText = (address: number, size: number): string =>
  `0x${address.toString(16)}…0x${(address + size - 1).toString(16)}`;

const NAMES: Readonly<Record<PolicyQuota['of'], string>> = {
  ram: 'of RAM',
  'core-time': 'of core time',
  'console-kept': 'of console output kept',
  console: 'of console output',
  'disk-writes': 'ever written',
  'flash-writes': 'ever written to flash',
  messages: 'sent',
  bytes: 'sent',
  frames: 'sent',
  'frame-bytes': 'sent',
  queued: 'waiting',
};

function quotaText({ of, at, limit, unit, per }: PolicyQuota): string {
  const amount = unit === 'nanoseconds' ? durationText(limit) : `${limit} ${unit}`;
  const place = at === undefined ? '' : ` on ${at}`;
  return `${amount} ${NAMES[of]}${place}${per === undefined ? '' : ` in ${durationText(per)}`}`;
}
