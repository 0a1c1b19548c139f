import { Aws, Fn, Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { removalPolicy, type Stage } from './stage.ts';

/** Letters and digits only: they go into Basic headers, JSON and shells as they are. 43 of them are 256 bits. */
const GENERATED = { passwordLength: 43, excludePunctuation: true } as const;

export interface StoreSecretsProps {
  readonly stage: Stage;
}

/**
 * What the functions read at cold start; each secret holds JSON.
 * `apiKeys` {writeKey, secretKey}, `identity` {identitySecret}, `subject` {subjectSecret}.
 */
export class StoreSecrets extends Construct {
  readonly apiKeys: Secret;
  readonly identity: Secret;
  /** State, not a credential: every stored key is an HMAC under it. Changed, it orphans every profile. */
  readonly subject: Secret;

  constructor(scope: Construct, id: string, { stage }: StoreSecretsProps) {
    super(scope, id);
    const generated = (name: string, description: string, key: string, template: object): Secret =>
      new Secret(this, name, {
        description,
        generateSecretString: {
          ...GENERATED,
          secretStringTemplate: Stack.of(this).toJsonString(template),
          generateStringKey: key,
        },
        removalPolicy: removalPolicy(stage),
      });

    // The browser's write key is public; it only has to differ from stack to stack.
    const stackUuid = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    const writeKey = Fn.join('', [
      'wk_',
      Fn.select(0, Fn.split('-', stackUuid)),
      Fn.select(4, Fn.split('-', stackUuid)),
    ]);

    this.apiKeys = generated(
      'ApiKeys',
      'Keys of the browser source (public) and the server source (secret)',
      'secretKey',
      { writeKey },
    );
    this.identity = generated(
      'Identity',
      'Signs the identity tokens (HS256) with which the shop vouches for a userId',
      'identitySecret',
      {},
    );
    this.subject = generated(
      'Subject',
      'Turns subjects into stored keys; must never change',
      'subjectSecret',
      {},
    );
  }
}

/** Lets a function read exactly these secrets, all in one call. */
export function grantReadSecrets(grantee: IGrantable, secrets: readonly ISecret[]): void {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: secrets.map((secret) => secret.secretArn),
    }),
  );
  // Takes no resource; every secret of the batch is still checked against GetSecretValue.
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['secretsmanager:BatchGetSecretValue'], resources: ['*'] }),
  );
}
