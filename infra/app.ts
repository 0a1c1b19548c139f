import { App } from 'aws-cdk-lib';
import { checkStoreConfig, isStageName } from '../shared/domain/check-store-config.ts';
import { store } from '../store.config.ts';
import { cartwright } from './cartwright.ts';

const app = new App();
const name = String(app.node.tryGetContext('stage') ?? 'dev');
const faults = checkStoreConfig(store, name);
if (faults.length > 0 || !isStageName(name)) {
  for (const { message } of faults) console.error(message);
  process.exit(1);
}
cartwright(app, { name, settings: store.stages[name] });
