import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { AlarmWatch } from './alarm-watch.ts';
import { type Dashboard, drawGraph } from './dashboard.ts';
import type { EventSource } from './event-source.ts';
import { readBody } from './http-server.ts';
import type { MetricStore } from './metric-store.ts';
import type { RunClock } from './run-clock.ts';

/** What people, tests and pages ask of a run, beside what they ask of the API. */
export interface RunControl {
  readonly metrics: MetricStore;
  readonly alarms: AlarmWatch;
  readonly dashboards: readonly Dashboard[];
  readonly sources: readonly EventSource[];
  readonly clock: RunClock;
  /** Whether the clock may be moved. */
  readonly isMovable: boolean;
  /** Reads the assembly again and runs its functions as they are now. */
  readonly deploy: () => Promise<void>;
}

const DEFAULT_MINUTES = 180;
const MAX_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;
const MAX_BODY_BYTES = 1024;

const Move = v.object({ advanceSeconds: v.pipe(v.number(), v.minValue(1), v.maxValue(7 * 86_400)) });

/**
 * Answers `/_local/…`; false: it is nothing of this.
 *
 * - `GET status`: metrics, alarms, event sources. `GET alarms`: their states and how they came about.
 * - `GET dashboard?minutes=180`: the dashboards of the template, each graph with its lines drawn.
 * - `POST deploy`: what `cdk deploy` does to functions. `POST clock {"advanceSeconds": 60}`: only with `--movable-clock`.
 */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  run: RunControl,
): Promise<boolean> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local');
  const now = run.clock.now();
  switch (`${request.method} ${pathname}`) {
    case 'GET /_local/status':
      sendJson(response, {
        now,
        metrics: run.metrics.summaries(),
        alarms: run.alarms.status(),
        eventSources: run.sources.map((source) => source.status()),
      });
      return true;
    case 'GET /_local/alarms':
      sendJson(response, { now, alarms: run.alarms.status() });
      return true;
    case 'GET /_local/dashboard': {
      const minutes = Number(searchParams.get('minutes') ?? DEFAULT_MINUTES);
      const from = now - Math.min(Math.max(1, minutes || DEFAULT_MINUTES), MAX_MINUTES) * MINUTE_MS;
      sendJson(response, {
        now,
        from,
        dashboards: run.dashboards.map((dashboard) => drawn(dashboard, run.metrics, from, now)),
      });
      return true;
    }
    case 'POST /_local/deploy':
      await run.deploy();
      sendJson(response, { deployed: true });
      return true;
    case 'POST /_local/clock': {
      const move = v.safeParse(
        Move,
        JSON.parse((await readBody(request, MAX_BODY_BYTES))?.toString() ?? '{}'),
      );
      if (!run.isMovable || !move.success) {
        response.writeHead(run.isMovable ? 400 : 404).end();
        return true;
      }
      run.clock.advance(move.output.advanceSeconds * 1000);
      sendJson(response, { now: run.clock.now() });
      return true;
    }
    default:
      return false;
  }
}

function drawn({ name, widgets }: Dashboard, metrics: MetricStore, from: number, to: number): object {
  return {
    name,
    widgets: widgets.map((widget) =>
      widget.type === 'metric' ? { ...widget, lines: drawGraph(widget, metrics, from, to) } : widget,
    ),
  };
}

export function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
