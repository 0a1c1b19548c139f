import { defineStore } from './shared/domain/store-config.ts';

/** Where the directives on consumers' rights hold: the EU, and with it the EEA. */
const EEA = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(
  ' ',
);

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
  segments: {
    named: {
      'new-visitor': {
        description: 'Came for the first time less than a day ago and has bought nothing.',
        when: { $first: { event: 'page', is: { $within: '1d' } }, 'orders.count': 0 },
      },
      'new-from-campaign': {
        description: 'A new visitor whose first page was reached through a campaign.',
        when: {
          $segment: 'new-visitor',
          $first: { event: 'page', of: 'context.campaign.source', is: { $exists: true } },
        },
      },
      'new-from-search': {
        description: 'A new visitor who came from a search engine.',
        when: {
          $segment: 'new-visitor',
          $first: {
            event: 'page',
            of: 'context.page.referrer',
            is: { $regexi: '^https://(www[.]|)(google|bing|duckduckgo|ecosia)[.]' },
          },
        },
      },
      returning: {
        description: 'Was here on two days or more within 90 days.',
        when: { $distinct: { event: 'page', of: '$day', within: '90d', is: { $gte: 2 } } },
      },
      'high-value': {
        description: 'Three orders, or 200 EUR, within 90 days, the last at most 30 days ago.',
        when: {
          $or: [
            { $count: { event: 'Order Completed', within: '90d', is: { $gte: 3 } } },
            { $sum: { event: 'Order Completed', currency: 'EUR', within: '90d', is: { $gte: 20_000 } } },
          ],
          'orders.lastAt': { $within: '30d' },
        },
      },
      lapsing: {
        description: 'Bought last between 90 days and a year ago.',
        when: { 'orders.lastAt': { $before: '90d', $within: '365d' } },
      },
      lost: {
        description: 'Bought last a year ago or longer.',
        when: { 'orders.lastAt': { $before: '365d' } },
      },
      'cart-left': {
        description: 'Has a cart that nothing was done with for two hours, but was within a week.',
        when: { 'cart.updatedAt': { $before: '2h', $within: '7d' } },
      },
      'frequent-returner': {
        description: 'Was refunded three times or more within a year.',
        when: { $count: { event: 'Order Refunded', within: '365d', is: { $gte: 3 } } },
      },
      'loyalty-gold': {
        description: 'Is in the gold or platinum tier.',
        when: { 'loyalty.tier': { $ini: ['gold', 'platinum'] } },
      },
      'keeps-looking': {
        description: 'Looked at products five times or more within a week, and bought nothing in that time.',
        when: {
          $count: { event: 'Product Viewed', within: '7d', is: { $gte: 5 } },
          'orders.lastAt': { $not: { $within: '7d' } },
        },
      },
      'pays-by-card': {
        description: 'Pays by card more often than in any other way.',
        when: { 'payment.preferred': { $in: ['credit_card', 'debit_card', 'card'] } },
      },
      'on-mobile': {
        description: 'Was last seen in a browser on a phone, or in an app within 30 days.',
        when: {
          $or: [
            { $last: { event: 'page', of: 'context.userAgentData.mobile', is: true } },
            { $last: { event: 'screen', is: { $within: '30d' } } },
          ],
        },
      },
      'speaks-portuguese': {
        description: 'Uses the shop in Portuguese.',
        when: { locale: { $regexi: '^pt' } },
      },
      'young-adult': {
        description: 'Says to be 18 to 25 years old.',
        when: { $last: { event: 'identify', of: 'traits.age', is: { $gte: 18, $lt: 26 } } },
      },
      'likes-sports': {
        description: 'Names sports among their interests.',
        when: { $last: { event: 'identify', of: 'traits.interests', is: { $ini: ['sport', 'sports'] } } },
      },
    },
    journey: {
      awareness: {},
      consideration: {
        $or: [
          { 'cart.lines': { $gte: 1 } },
          { $count: { event: 'Product Viewed', within: '30d', is: { $gte: 3 } } },
          { $count: { event: 'Product Added to Wishlist', within: '30d', is: { $gte: 1 } } },
        ],
      },
      purchase: { 'orders.count': { $gte: 1 } },
      retention: { 'orders.count': { $gte: 2 } },
      advocacy: {
        'orders.count': { $gte: 1 },
        $or: [
          { $count: { event: 'Product Reviewed', within: '365d', is: { $gte: 1 } } },
          { $count: { event: 'Product Shared', within: '365d', is: { $gte: 1 } } },
        ],
      },
    },
  },
  defaultLocale: 'en',
  // Amounts are in minor units: 5_000 of EUR is 50 euros, of JPY 5,000 yen.
  offers: {
    guardrails: [
      {
        id: 'no-preticked-add-ons',
        rule: 'nothing-preselected',
        countries: EEA,
        source:
          'Directive 2011/83/EU art. 22: no consent to anything further is taken from a box ticked in advance',
      },
    ],
    items: [
      {
        id: 'first-order',
        title: {
          en: '{percent} % off your first order',
          de: '{percent} % auf die erste Bestellung',
          pt: '{percent} % no primeiro pedido',
          sv: '{percent} % på din första beställning',
          ar: 'خصم {percent} % على طلبك الأول',
        },
        value: { kind: 'percent', percent: 10 },
        segments: ['new-visitor'],
        validity: { lasts: '1d', after: { $first: 'page' } },
      },
      {
        id: 'keeps-looking',
        title: {
          en: 'Still looking? {percent} % off',
          de: 'Noch unentschlossen? {percent} % Rabatt',
          pt: 'Ainda em dúvida? {percent} % de desconto',
          sv: 'Tittar du fortfarande? {percent} % rabatt',
          ar: 'ما زلت تفكر؟ خصم {percent} %',
        },
        value: { kind: 'percent', percent: 5 },
        segments: ['keeps-looking'],
      },
      {
        id: 'gold-gift',
        title: {
          en: 'A gift with your order',
          de: 'Ein Geschenk zur Bestellung',
          pt: 'Um presente com o pedido',
          sv: 'En gåva till din beställning',
          ar: 'هدية مع طلبك',
        },
        value: { kind: 'reward' },
        segments: ['loyalty-gold'],
      },
      {
        id: 'free-shipping',
        title: {
          en: 'Free shipping',
          de: 'Kostenloser Versand',
          pt: 'Frete grátis',
          sv: 'Fri frakt',
          ar: 'شحن مجاني',
        },
        value: {
          kind: 'free-shipping',
          from: { EUR: 5_000, USD: 5_000, GBP: 4_500, BRL: 19_900, SEK: 54_900, AED: 19_900 },
        },
      },
    ],
  },
  messages: {
    items: [
      {
        id: 'continue-checkout',
        kind: 'continue-checkout',
        within: '14d',
        text: {
          en: 'Your cart is still here: go on where you left off.',
          de: 'Ihr Warenkorb ist noch da: machen Sie weiter, wo Sie aufgehört haben.',
          pt: 'Seu carrinho ainda está aqui: continue de onde parou.',
          sv: 'Din varukorg finns kvar: fortsätt där du slutade.',
          ar: 'سلتك ما زالت هنا: أكمل من حيث توقفت.',
        },
      },
      {
        id: 'support-follow-up',
        kind: 'support-follow-up',
        within: '30d',
        text: {
          en: 'We are still working on your request {ticket}.',
          de: 'Wir arbeiten noch an Ihrer Anfrage {ticket}.',
          pt: 'Ainda estamos cuidando da sua solicitação {ticket}.',
          sv: 'Vi arbetar fortfarande med ditt ärende {ticket}.',
          ar: 'ما زلنا نعمل على طلبك {ticket}.',
        },
      },
      {
        id: 'loyalty-status',
        kind: 'loyalty-status',
        text: {
          en: 'Your tier: {tier}. Your points: {points}.',
          de: 'Ihre Stufe: {tier}. Ihre Punkte: {points}.',
          pt: 'Seu nível: {tier}. Seus pontos: {points}.',
          sv: 'Din nivå: {tier}. Dina poäng: {points}.',
          ar: 'مستواك: {tier}. نقاطك: {points}.',
        },
      },
    ],
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
