import {
  GraphWidget,
  type HorizontalAnnotation,
  type IMetric,
  type IWidget,
  TextWidget,
  type YAxisProps,
} from 'aws-cdk-lib/aws-cloudwatch';

/** A dashboard is 24 columns wide; graphs stand side by side, three or four to a row. */
const COLUMNS = 24;

interface GraphProps {
  readonly title: string;
  readonly lines: readonly IMetric[];
  readonly axis: YAxisProps;
  /** The service level, drawn as a line across. */
  readonly objective?: HorizontalAnnotation;
  /** Lines on top of each other: they are parts of a whole. */
  readonly stacked?: boolean;
}

export const MILLISECONDS: YAxisProps = { label: 'ms', showUnits: false, min: 0 };
export const COUNT: YAxisProps = { showUnits: false, min: 0 };
export const PERCENT: YAxisProps = { label: '%', showUnits: false, min: 0 };
/** A place in an order: the first is the best. */
export const PLACE: YAxisProps = { label: 'place', showUnits: false, min: 1 };
export const DOLLARS_AN_HOUR: YAxisProps = { label: 'USD an hour', showUnits: false, min: 0 };

/** A row of graphs that share its width. */
export function row(...graphs: readonly GraphProps[]): IWidget[] {
  const width = Math.floor(COLUMNS / graphs.length);
  return graphs.map(
    ({ title, lines, axis, objective, stacked }) =>
      new GraphWidget({
        title,
        left: [...lines],
        leftYAxis: axis,
        width,
        ...(objective === undefined ? {} : { leftAnnotations: [objective] }),
        ...(stacked === undefined ? {} : { stacked }),
      }),
  );
}

/** A question in large letters, and what must be known to read the graphs under it. */
export function heading(question: string, explanation: string): IWidget[] {
  return [new TextWidget({ markdown: `## ${question}\n${explanation}`, width: COLUMNS, height: 2 })];
}
