/** In one of the shards, like any file. */
test('runs once', () => {
  expect(1).toBe(1);
});
