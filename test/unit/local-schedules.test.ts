import { setTimeout as sleep } from 'node:timers/promises';
import type { SchedulePlan } from '../../local/schedule-plan.ts';
import { startSchedules } from '../../local/schedules.ts';

const hourly: SchedulePlan = { id: 'Clock', ruleName: 'Clock-1', everyMs: 40, functionName: 'audit' };

describe('a schedule', () => {
  test('calls its function after each period, with the event that EventBridge makes, until it is ended', async () => {
    const events: object[] = [];
    const startedAt = Date.now();
    let firstAt = 0;
    const schedules = startSchedules([hourly], 'eu-west-1', async (name, event) => {
      firstAt ||= Date.now();
      events.push({ name, event });
      await Promise.resolve();
    });
    while (events.length < 3) await sleep(5);
    await schedules.end();
    const called = events.length;
    await sleep(120);

    expect(firstAt - startedAt).toBeGreaterThanOrEqual(35);
    expect(events).toHaveLength(called);
    expect(events[0]).toMatchObject({
      name: 'audit',
      event: {
        source: 'aws.events',
        'detail-type': 'Scheduled Event',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        resources: ['arn:aws:events:eu-west-1:000000000000:rule/Clock-1'],
      },
    });
  });

  test('gives its function what the rule says, and goes on after a call that failed', async () => {
    const events: object[] = [];
    const input = { scheduled: { distanceMs: 5 } };
    const schedules = startSchedules([{ ...hourly, everyMs: 5, input }], 'eu-west-1', (_, event) => {
      events.push(event);
      return Promise.reject(new Error('told to fail'));
    });
    while (events.length < 3) await sleep(5);
    await schedules.end();
    expect(events.slice(0, 3)).toEqual([input, input, input]);
  });

  test('waits for a call under way when it is ended', async () => {
    const states: string[] = [];
    const schedules = startSchedules([{ ...hourly, everyMs: 5 }], 'eu-west-1', async () => {
      states.push('running');
      await sleep(60);
      states.push('done');
    });
    while (states.length === 0) await sleep(2);
    await schedules.end();
    expect(states).toContain('done');
  });
});
