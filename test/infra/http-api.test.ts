import { Match } from 'aws-cdk-lib/assertions';
import { type Json, logicalIdOf, propertiesOf, resourcesOf, synthesized, textOf } from './synthesized.ts';

const { state, service, serviceTemplate } = synthesized('dev', { allowedOrigins: ['https://shop.example'] });

test('every route leads to its function, and what no route takes to the collector', () => {
  const integrations = resourcesOf(serviceTemplate, 'AWS::ApiGatewayV2::Integration');
  const targetOf = (target: Json | undefined): string => {
    const integrationId = textOf(target).match(/'Ref':'(\w+)'/)?.[1] ?? '';
    return textOf(integrations.get(integrationId)?.Properties.IntegrationUri);
  };
  const routes = [...resourcesOf(serviceTemplate, 'AWS::ApiGatewayV2::Route').values()].map(
    ({ Properties }): [Json | undefined, string] => [Properties.RouteKey, targetOf(Properties.Target)],
  );
  const arnOf = (target: typeof service.collectEvents): string =>
    `<{'Ref':'${logicalIdOf(service, target.live)}'}>`;
  expect(Object.fromEntries(routes)).toEqual({
    $default: arnOf(service.collectEvents),
    'POST /v1/{call}': arnOf(service.collectEvents),
    'GET /v1/projects/{writeKey}/settings': arnOf(service.collectEvents),
    'GET /sourceConfig': arnOf(service.collectEvents),
    'POST /v1/decisions': arnOf(service.decideCheckout),
    'GET /v1/profiles/{subject+}': arnOf(service.readProfile),
    'DELETE /v1/profiles/{subject+}': arnOf(service.profileErasing.erase),
  });
});

test('functions get payload format 2.0', () => {
  serviceTemplate.allResourcesProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
});

test("only the shop's own pages may call it from a browser", () => {
  serviceTemplate.hasResourceProperties('AWS::ApiGatewayV2::Api', {
    CorsConfiguration: {
      AllowOrigins: ['https://shop.example'],
      AllowMethods: ['GET', 'POST', 'OPTIONS'],
      AllowHeaders: Match.arrayWith(['content-type', 'authorization']),
      AllowCredentials: Match.absent(),
    },
  });
});

test.each([
  ['analytics.js, which counts its retries', ['x-retry-count']],
  [
    "RudderStack's, which names its device and counts its retries",
    [
      'anonymousid',
      'rsa-retry-attempt',
      'rsa-retry-reason',
      'rsa-since-first-attempt',
      'rsa-since-last-attempt',
    ],
  ],
  ['a page that traces its calls', ['traceparent', 'tracestate']],
])('a preflight lets a browser client pass: %s', (_client, headers) => {
  const { AllowHeaders, ExposeHeaders } = propertiesOf(serviceTemplate, 'AWS::ApiGatewayV2::Api')
    .CorsConfiguration as { AllowHeaders: string[]; ExposeHeaders: string[] };
  expect(AllowHeaders).toEqual(expect.arrayContaining(headers));
  expect(ExposeHeaders).toEqual(['retry-after', 'x-correlation-id']);
});

test('a flood is throttled before it costs', () => {
  const { requestsPerSecond } = state.stage.settings;
  serviceTemplate.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    DefaultRouteSettings: {
      ThrottlingRateLimit: requestsPerSecond,
      ThrottlingBurstLimit: requestsPerSecond,
    },
  });
});

test('the access log holds no address, agent, key, path or body', () => {
  const { Format, DestinationArn } = propertiesOf(serviceTemplate, 'AWS::ApiGatewayV2::Stage')
    .AccessLogSettings as {
    Format: string;
    DestinationArn: Json;
  };
  expect(textOf(DestinationArn)).toContain('AccessLogs');
  const variables = [...Format.matchAll(/\$context\.([\w.]+)/g)].map(([, variable]) => variable);
  expect(variables.length).toBeGreaterThan(3);
  for (const variable of variables)
    expect(variable).not.toMatch(/identity|path|authorizer|header|domain|awsEndpoint/i);
});

test.each(['dev', 'prod'] as const)('no log is kept for ever, in %s', (name) => {
  const stage = synthesized(name);
  const groups = [...resourcesOf(stage.serviceTemplate, 'AWS::Logs::LogGroup').values()];
  expect(groups).toHaveLength(9);
  for (const { Properties } of groups) {
    expect(Properties.RetentionInDays).toBe(stage.state.stage.settings.logRetentionDays);
  }
  stage.serviceTemplate.allResourcesProperties('AWS::Lambda::Function', {
    LoggingConfig: { LogGroup: Match.anyValue() },
  });
});

test('a person finds the API and the dashboard in the outputs', () => {
  serviceTemplate.hasOutput('ApiUrl', {});
  serviceTemplate.hasOutput('DashboardUrl', {});
});
