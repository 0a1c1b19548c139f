import { defineStore } from './shared/domain/store-config.ts';

export const store = defineStore({
  name: 'cartwright',
  // The constants of ranking are learned on two years of real checkouts: docs/benchmarks.md, "Ranking quality".
  payment: {
    halfLifeMonths: 48,
    habitPrior: 0.7,
    guardrails: [
      {
        id: 'se-debit-before-credit',
        rule: 'order-by-credit',
        order: ['no', 'maybe', 'yes'],
        countries: ['SE'],
        source: 'Swedish Payment Services Act (2010:751) ch. 7 a § 1: options without credit come first',
      },
      {
        id: 'se-credit-not-preselected',
        rule: 'credit-not-preselected',
        countries: ['SE'],
        source:
          'Swedish Payment Services Act (2010:751) ch. 7 a § 1: credit is not preselected while another option exists',
      },
      {
        id: 'fi-credit-last',
        rule: 'order-by-credit',
        order: ['no', 'maybe', 'yes'],
        countries: ['FI'],
        source:
          'Finnish Consumer Protection Act (38/1978) ch. 7, as amended 2023: no credit, then perhaps credit, then credit',
      },
      {
        id: 'fi-nothing-preselected',
        rule: 'nothing-preselected',
        countries: ['FI'],
        source:
          'Finnish Consumer Protection Act (38/1978) ch. 7, as amended 2023: no payment method is preselected',
      },
    ],
  },
  shipping: {
    // As for payment, for want of public data on who chooses which delivery.
    halfLifeMonths: 48,
    habitPrior: 0.7,
    guardrails: [
      {
        id: 'cheapest-preselected',
        rule: 'cheapest-preselected',
        source:
          'Shopify, Delivery Customization Function API: the cheapest option is selected first; an app may not select a dearer one for the buyer',
      },
    ],
  },
  regions: {
    minimumPopulation: 20,
    weight: 0.25,
    halfLifeMonths: 2,
    refreshSeconds: 60,
    staleAfterSeconds: 3_600,
  },
  stages: {
    dev: {
      consentRegime: 'opt-out',
      allowedOrigins: ['http://localhost:8787', 'http://127.0.0.1:8787'],
      enhancedFanOut: false,
      lanes: { critical: { shards: 1, batchesPerShard: 1 }, bulk: { shards: 1, batchesPerShard: 1 } },
      streamRetentionHours: 24,
      pointInTimeRecovery: false,
      onDelete: 'destroy',
      logRetentionDays: 7,
      traceSampleRate: 1,
      regionsWindowSeconds: 5,
      auditEveryMinutes: 60,
      decisionDeadlineMs: 150,
      requestsPerSecond: 200,
      deployment: 'all-at-once',
    },
    prod: {
      allowedOrigins: ['https://shop.example'],
      enhancedFanOut: true,
      lanes: {
        critical: { shards: 'on-demand', batchesPerShard: 1, reservedConcurrency: 100 },
        bulk: { shards: 'on-demand', batchesPerShard: 1, reservedConcurrency: 100 },
      },
      streamRetentionHours: 168,
      pointInTimeRecovery: true,
      onDelete: 'retain',
      logRetentionDays: 90,
      traceSampleRate: 0.01,
      regionsWindowSeconds: 60,
      auditEveryMinutes: 60,
      decisionDeadlineMs: 80,
      requestsPerSecond: 2_000,
      deployment: 'canary',
    },
  },
});
