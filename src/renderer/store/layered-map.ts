/**
 * A read-only map that gives a changed copy of itself in time that grows with the change, not with the map: the copy
 * shares the large base and keeps what differs in a small layer. When the layer has grown, base and layer become one.
 * Order: as first set; an entry that was removed and comes back is last.
 */

/** A layer larger than this is merged; of 10,000 entries then one change in 256 costs a whole copy. */
const MAX_LAYER_ENTRIES = 256;

const REMOVED = Symbol("removed");
type Layered<V> = V | typeof REMOVED;

export class LayeredMap<K, V> implements ReadonlyMap<K, V> {
  readonly #base: ReadonlyMap<K, V>;
  readonly #layer: ReadonlyMap<K, Layered<V>>;
  readonly size: number;

  private constructor(base: ReadonlyMap<K, V>, layer: ReadonlyMap<K, Layered<V>>, size: number) {
    this.#base = base;
    this.#layer = layer;
    this.size = size;
  }

  static from<K, V>(entries: Iterable<readonly [K, V]>): LayeredMap<K, V> {
    const base = new Map(entries);
    return new LayeredMap<K, V>(base, new Map(), base.size);
  }

  /** The map with these entries set and these keys removed. */
  with(changed: Iterable<readonly [K, V]>, removed: Iterable<K> = []): LayeredMap<K, V> {
    const layer = new Map(this.#layer);
    let size = this.size;
    const has = (key: K): boolean => (layer.has(key) ? layer.get(key) !== REMOVED : this.#base.has(key));
    for (const key of removed) {
      if (!has(key)) continue;
      size -= 1;
      if (this.#base.has(key)) layer.set(key, REMOVED);
      else layer.delete(key);
    }
    for (const [key, value] of changed) {
      if (!has(key)) size += 1;
      layer.set(key, value);
    }
    const next = new LayeredMap<K, V>(this.#base, layer, size);
    return layer.size <= MAX_LAYER_ENTRIES ? next : LayeredMap.from(next);
  }

  get(key: K): V | undefined {
    if (this.#layer.size > 0 && this.#layer.has(key)) {
      const value = this.#layer.get(key);
      return value === REMOVED ? undefined : value;
    }
    return this.#base.get(key);
  }

  has(key: K): boolean {
    return this.#layer.has(key) ? this.#layer.get(key) !== REMOVED : this.#base.has(key);
  }

  *entries(): MapIterator<[K, V]> {
    for (const [key, value] of this.#base) {
      if (!this.#layer.has(key)) {
        yield [key, value];
        continue;
      }
      const changed = this.#layer.get(key);
      if (changed !== REMOVED) yield [key, changed as V];
    }
    for (const [key, value] of this.#layer) {
      if (!this.#base.has(key) && value !== REMOVED) yield [key, value];
    }
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }
}

/** The map with a change, in time that grows with the change. */
export function mapWith<K, V>(
  map: ReadonlyMap<K, V>,
  changed: Iterable<readonly [K, V]>,
  removed: Iterable<K> = [],
): ReadonlyMap<K, V> {
  return (map instanceof LayeredMap ? (map as LayeredMap<K, V>) : LayeredMap.from(map)).with(changed, removed);
}
