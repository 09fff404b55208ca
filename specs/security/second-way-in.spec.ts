/** A VM in the secure world has one way in: a system that declares another one is refused. */
import { defineSystem, kib, ms, type SystemDefinition } from 'testvisor';
import { secureWorld } from '../../fixtures/secure-world/system';

describe('a system that declares a second way in is refused', () => {
  const { definition } = secureWorld;
  const variant = (
    vms: Record<string, object>,
    channels: Record<string, object> = {},
    more: object = {},
  ): SystemDefinition =>
    ({
      ...definition,
      ...more,
      vms: {
        vault: { ...definition.vms.vault, ...vms['vault'] },
        first: { ...definition.vms.first, ...vms['first'] },
        second: { ...definition.vms.second, ...vms['second'] },
        hostile: { ...definition.vms.hostile, ...vms['hostile'] },
      },
      channels: { ...definition.channels, ...channels },
    }) as never;

  test.each<[string, SystemDefinition, string]>([
    [
      'a channel to it that it does not name',
      variant({}, { news: { kind: 'queue', messageSize: 4, from: 'first', to: 'vault', capacity: 1 } }),
      'channels.news: it reaches "vault", which is secure and does not name it. Add it to vms.vault.secure.calls, or leave it out.',
    ],
    [
      'a call that it makes, whose reply comes in',
      variant({}, { ask: { kind: 'rpc', messageSize: 4, replySize: 4, from: 'vault', to: 'first' } }),
      'channels.ask: it reaches "vault", which is secure and does not name it.',
    ],
    [
      'shared memory, even if it only writes',
      variant({}, { table: { kind: 'shared', size: kib(4), from: 'vault', to: 'first' } }),
      'channels.table: it shares memory with "vault", which is secure. Declare a queue,',
    ],
    [
      'a network card',
      variant({ vault: { nics: [{ network: 'lan' }] } }, {}, { networks: { lan: {} } }),
      'vms.vault.nics: a secure VM has no network card: frames are no declared calls.',
    ],
    [
      'a manager',
      variant({ first: { authorityOver: ['vault'] } }),
      'vms.first.authorityOver: "vault" is secure. Leave it out: vault is secure, and reached by its calls only.',
    ],
    ['a debugger', variant({ first: { debugs: ['vault'] } }), 'vms.first.debugs[0]: "vault" is confidential'],
    [
      'a supervisor',
      variant({
        vault: { health: { 'memory-violation': { ask: 'first', within: ms(1), otherwise: 'stop' } } },
      }),
      'vms.vault.health: "first" would decide on errors of a secure VM.',
    ],
    [
      'a call that is no channel',
      variant({ vault: { secure: { calls: ['keys-first', 'keys-second', 'keys-hostile', 'kays'] } } }),
      'vms.vault.secure.calls: nothing comes to "vault" by "kays". There is no such channel.',
    ],
    [
      'a call that does not come to it',
      variant({
        vault: { secure: { calls: ['keys-first', 'keys-second', 'keys-hostile', 'orders-first'] } },
      }),
      'vms.vault.secure.calls: nothing comes to "vault" by "orders-first". Name channels to it,',
    ],
    [
      'nothing that says what reaches it',
      variant({ vault: { secure: true } }),
      'vms.vault.secure: needs an object, not true.',
    ],
    [
      'no list',
      variant({ vault: { secure: { calls: 'keys-first' } } }),
      'vms.vault.secure.calls: needs a list of channels, not "keys-first". Write for example',
    ],
  ])('%s', (_, system, text) => {
    expect(() => defineSystem(system as never)).toThrow(text);
  });
});
