'use strict';
/**
 * Which files a shard of Jest's has: those whose campaigns are split are in every shard, the others in one each. Plain
 * JavaScript, since Jest loads it as it is.
 */
const { readFileSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/** A docblock that is longer is none of this. */
const LONGEST = 4096;

module.exports = class TestvisorSequencer extends Sequencer {
  async shard(tests, options) {
    const split = tests.filter(({ path }) => isSplit(path));
    const others = tests.filter((test) => !split.includes(test));
    return [...(await super.shard(others, options)), ...split];
  }
};

/** Whether the comment at the top of a file has `@testvisor-split-campaigns`, as Jest reads pragmas. */
function isSplit(path) {
  const [docblock = ''] = /^\s*\/\*\*?[^]*?\*\//.exec(readFileSync(path, 'utf8').slice(0, LONGEST)) ?? [];
  return /@testvisor-split-campaigns\b/.test(docblock);
}
