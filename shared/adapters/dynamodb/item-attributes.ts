import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ItemName, StoredItem } from '../../domain/item.ts';
import type { ItemRef } from '../../ports/profile-store.ts';
import { packWatermark, unpackWatermark } from './watermark-bytes.ts';

export type Attributes = Record<string, AttributeValue>;

/** Partition and sort key of an item. */
export function keyAttributes({ key, item }: ItemRef): Attributes {
  return { pk: { S: key }, sk: { S: item } };
}

/**
 * An item as it is stored. Names have one letter because every item pays for them:
 * `v` version, `s` state, `w` watermark, `o` the one of the stream's former life, `f` first record, `r` ring, `a` newest `receivedAt`, `t` written at, `z` erased at.
 */
export function toAttributes(item: StoredItem): Attributes {
  const attributes = keyAttributes(item);
  attributes.v = { N: String(item.v) };
  attributes.s = { S: item.state };
  if (item.watermark) attributes.w = { B: packWatermark(item.watermark) };
  if (item.formerWatermark) attributes.o = { B: packWatermark(item.formerWatermark) };
  if (item.first !== undefined) attributes.f = { S: item.first };
  if (item.ring) attributes.r = { B: item.ring };
  if (item.newestReceivedAt !== undefined) attributes.a = { N: String(item.newestReceivedAt) };
  if (item.writtenAt !== undefined) attributes.t = { N: String(item.writtenAt) };
  if (item.erasedAt !== undefined) attributes.z = { N: String(item.erasedAt) };
  return attributes;
}

/** @throws TypeError if these are not the attributes of an item of ours */
export function fromAttributes({ pk, sk, v, s, w, o, f, r, a, t, z }: Attributes): StoredItem {
  if (pk?.S === undefined || sk?.S === undefined || v?.N === undefined || s?.S === undefined) {
    throw new TypeError('an item in the table lacks pk, sk, v or s');
  }
  return {
    key: pk.S,
    // The table is written by nobody else, and names that a reader does not know it ignores.
    item: sk.S as ItemName,
    v: Number(v.N),
    state: s.S,
    ...(w?.B && { watermark: unpackWatermark(w.B) }),
    ...(o?.B && { formerWatermark: unpackWatermark(o.B) }),
    ...(f?.S !== undefined && { first: f.S }),
    ...(r?.B && { ring: r.B }),
    ...(a?.N !== undefined && { newestReceivedAt: Number(a.N) }),
    ...(t?.N !== undefined && { writtenAt: Number(t.N) }),
    ...(z?.N !== undefined && { erasedAt: Number(z.N) }),
  };
}
