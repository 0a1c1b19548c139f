import { Duration } from 'aws-cdk-lib';
import { Color, type IMetric, type IWidget, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { FALLBACK_REASONS } from '../../shared/domain/decide.ts';
import { SHOWN_RUNGS, type ShownSlot } from '../../shared/domain/shown-orders.ts';
import { DECISION_LATENCY_OBJECTIVE_MS } from '../decision-alarms.ts';
import type { Stage } from '../stage.ts';
import { storeMetric } from '../store-metric.ts';
import { COUNT, heading, MILLISECONDS, PERCENT, PLACE, row } from './graph.ts';

const RUNGS = {
  PersonalizedDecisions: 'personalized',
  PartialDecisions: 'partial',
  RegionalDecisions: 'regional',
  DefaultDecisions: 'default',
} as const;

/** Are shoppers served? How many decisions, how personal, how often they fell back and why, how quick; and what became of what was shown. */
export function servedSection(stage: Stage): readonly IWidget[][] {
  const minute = Duration.minutes(1);
  const fiveMinutes = Duration.minutes(5);
  const rungs = Object.entries(RUNGS) as [keyof typeof RUNGS, string][];
  return [
    heading(
      'Are shoppers served?',
      'Every checkout gets an answer. How personal it is, the ladder says; a fallback is one that could have been personal had all been well.',
    ),
    row(
      {
        title: 'Decisions a second',
        axis: COUNT,
        lines: [
          new MathExpression({
            expression: 'decisions / PERIOD(decisions)',
            usingMetrics: {
              decisions: storeMetric(
                stage,
                'PersonalizedDecisions',
                {},
                { statistic: 'SampleCount', period: minute },
              ),
            },
            period: minute,
            label: 'decisions',
          }),
          new MathExpression({
            expression: 'withheld / PERIOD(withheld)',
            usingMetrics: {
              withheld: storeMetric(stage, 'ConsentWithheld', {}, { statistic: 'Sum', period: minute }),
            },
            period: minute,
            label: 'of them without consent',
          }),
        ],
      },
      {
        title: 'Share of decisions by ladder',
        axis: { ...PERCENT, max: 100 },
        stacked: true,
        lines: rungs.map(
          ([name, label]) =>
            new MathExpression({
              expression: `100 * ${label}`,
              usingMetrics: {
                [label]: storeMetric(stage, name, {}, { statistic: 'Average', period: fiveMinutes }),
              },
              period: fiveMinutes,
              label,
            }),
        ),
      },
      {
        title: 'Fallback rate by reason',
        axis: PERCENT,
        objective: { value: 1, label: 'at most 1 %', color: Color.RED },
        lines: [fallbackRate(stage, fiveMinutes), ...fallbackRateByReason(stage, fiveMinutes)],
      },
      {
        title: 'Decision latency at the function',
        axis: MILLISECONDS,
        objective: {
          value: DECISION_LATENCY_OBJECTIVE_MS,
          label: `p99 at most ${DECISION_LATENCY_OBJECTIVE_MS} ms`,
          color: Color.RED,
        },
        lines: [
          ...(['p50', 'p99'] as const).map((statistic) =>
            storeMetric(stage, 'DecisionLatency', {}, { statistic, period: minute, label: statistic }),
          ),
          storeMetric(
            stage,
            'FirstDecisionLatency',
            {},
            { statistic: 'p99', period: minute, label: 'p99 of cold starts' },
          ),
        ],
      },
    ),
    outcomesRow(stage, Duration.hours(1)),
  ];
}

/** What became of what was shown: exact by `npm run cli -- outcomes`, here as it happens. */
function outcomesRow(stage: Stage, period: Duration): IWidget[] {
  const byRung = (
    name: 'DecisionsShown' | 'CheckoutsCompleted' | 'ChosenRank',
    Slot: ShownSlot,
    statistic: 'Sum' | 'Average',
  ): readonly IMetric[] =>
    SHOWN_RUNGS.map((Rung) => storeMetric(stage, name, { Rung, Slot }, { statistic, period, label: Rung }));
  return row(
    {
      title: 'Payment orders shown an hour',
      axis: COUNT,
      lines: byRung('DecisionsShown', 'payment', 'Sum'),
    },
    {
      title: 'Of these, checkouts completed an hour',
      axis: COUNT,
      lines: byRung('CheckoutsCompleted', 'payment', 'Sum'),
    },
    {
      title: 'Place of the payment method chosen',
      axis: PLACE,
      lines: byRung('ChosenRank', 'payment', 'Average'),
    },
    {
      title: 'Place of the shipping option chosen',
      axis: PLACE,
      lines: byRung('ChosenRank', 'shipping', 'Average'),
    },
  );
}

function fallbackRate(stage: Stage, period: Duration): IMetric {
  return new MathExpression({
    expression: '100 * fallback',
    usingMetrics: { fallback: storeMetric(stage, 'Fallback', {}, { statistic: 'Average', period }) },
    period,
    label: 'all',
  });
}

/** A reason has points only where it occurs: nobody emits that it did not. */
function fallbackRateByReason(stage: Stage, period: Duration): readonly IMetric[] {
  return FALLBACK_REASONS.map((Reason, index) => {
    const [reason, decisions] = [`reason${index}`, `decisions${index}`];
    return new MathExpression({
      expression: `100 * ${reason} / ${decisions}`,
      usingMetrics: {
        [reason]: storeMetric(stage, 'FallbackReason', { Reason }, { statistic: 'Sum', period }),
        [decisions]: storeMetric(stage, 'Fallback', {}, { statistic: 'SampleCount', period }),
      },
      period,
      label: Reason,
    });
  });
}
