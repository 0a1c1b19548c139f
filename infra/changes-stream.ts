import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { StageStream, type StageStreamProps } from './stage-stream.ts';

/** Where it is told who enters and leaves segments. Whoever reads it brings a mapping of its own. */
export class ChangesStream extends Construct {
  readonly stream: StageStream;

  constructor(scope: Construct, id: string, props: StageStreamProps) {
    super(scope, id);
    this.stream = new StageStream(this, 'Stream', props);
  }

  grantAnnounce(grantee: IGrantable): Grant {
    return this.stream.grantPut(grantee);
  }
}
