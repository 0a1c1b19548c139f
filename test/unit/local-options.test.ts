import { readOptions } from '../../local/options.ts';

test('a clock that can be moved goes with a folder that knows it: what is received tomorrow makes no sense today', () => {
  expect(() => readOptions(['--movable-clock'], {})).toThrow(
    /--movable-clock goes with --ephemeral or a folder of its own/,
  );
  expect(readOptions(['--movable-clock', '--dir', '/tmp/drill'], {})).toMatchObject({
    movableClock: true,
    ephemeral: false,
    dir: '/tmp/drill',
  });
  expect(readOptions(['--movable-clock'], { CARTWRIGHT_LOCAL_DIR: '/tmp/drill' }).movableClock).toBe(true);
  expect(readOptions([], {}).movableClock).toBe(false);
});

test('an unknown flag is answered with those that there are', () => {
  expect(() => readOptions(['--movable'], {})).toThrow(
    /known are --ephemeral, --dir FOLDER, --assembly FOLDER and --movable-clock\.$/,
  );
});
