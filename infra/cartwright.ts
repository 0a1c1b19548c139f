import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledgeFindings } from './acknowledgements.ts';
import { ServiceStack } from './service-stack.ts';
import type { Stage } from './stage.ts';
import { StateStack } from './state-stack.ts';

/** The two stacks of one stage. */
export interface Cartwright {
  readonly state: StateStack;
  readonly service: ServiceStack;
}

/**
 * Adds a stage to an app: what must outlive a deploy in one stack, what runs in another, both checked against the
 * AWS Solutions rules when the app is synthesized.
 *
 * @example
 * cartwright(new App(), { name: 'dev', settings: store.stages.dev });
 */
export function cartwright(app: App, stage: Stage): Cartwright {
  const state = new StateStack(app, `Cartwright-${stage.name}-State`, { stage });
  const service = new ServiceStack(app, `Cartwright-${stage.name}-Service`, { stage, state });
  acknowledgeFindings(state, service);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { state, service };
}
