import { runClock } from '../../local/run-clock.ts';

describe('the clock of a run', () => {
  it('shows the machine’s time until it is moved', () => {
    const clock = runClock(() => 1_000);
    expect([clock.now(), clock.at(400), clock.ahead[0]]).toEqual([1_000, 400, 0]);
  });

  it('leaves what happened before it was moved where it was', () => {
    let machine = 1_000;
    const clock = runClock(() => machine);
    clock.advance(60_000);
    machine = 2_000;
    clock.advance(3_600_000);
    machine = 3_000;
    expect([999, 1_000, 1_999, 2_000, 3_000].map((at) => clock.at(at) - at)).toEqual([
      0, 60_000, 60_000, 3_660_000, 3_660_000,
    ]);
    expect([clock.now(), clock.ahead[0]]).toEqual([3_663_000, 3_660_000]);
  });

  it.each([0, -1, NaN])('is not moved by %d', (ms) => {
    expect(() => runClock().advance(ms)).toThrow('time goes forward');
  });
});
