/**
 * Which rows of a long list to draw. Heights are guessed until a row was seen; prefix sums tell
 * where each row begins, and a binary search which row is at a given height. No DOM in here.
 */
export default class WindowList {
    constructor({ rows = 24, guess = 110 } = {}) {
        this.rows = rows;
        this.guess = guess;
        this.items = [];
        this.heights = new Map();
        this.tops = new Float64Array(1);
        this.start = 0;
    }

    get end() {
        return Math.min(this.items.length, this.start + this.rows);
    }

    get total() {
        return this.tops[this.items.length];
    }

    prepend(items) {
        this.items = items.concat(this.items);
        this.start += items.length;
        this.layout();

        return this.tops[items.length];
    }

    append(items) {
        this.items = this.items.concat(items);
        this.layout();
    }

    replace(item) {
        const index = this.indexOf(item.id);
        if (index >= 0) {
            this.items[index] = item;
        }

        return index;
    }

    /** Items are in order of their ids. */
    indexOf(id) {
        let low = 0;
        let high = this.items.length - 1;
        while (low <= high) {
            const middle = (low + high) >> 1;
            if (this.items[middle].id === id) {
                return middle;
            }
            if (this.items[middle].id < id) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }

        return -1;
    }

    /** The row at this height. */
    at(top) {
        let low = 0;
        let high = this.items.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.tops[middle + 1] <= top) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }

        return Math.min(low, Math.max(0, this.items.length - 1));
    }

    /** Moves the window so that [top, bottom] is well inside it; false if it need not move. */
    show(top, bottom) {
        const first = this.at(top);
        const last = this.at(bottom);
        const margin = Math.max(4, (this.rows - (last - first)) >> 2);
        const inside = (this.start === 0 || first - margin >= this.start) && (this.end === this.items.length || last + margin <= this.end);
        if (inside) {
            return false;
        }
        const start = Math.max(0, Math.min(first - ((this.rows - (last - first)) >> 1), this.items.length - this.rows));
        const moved = start !== this.start;
        this.start = start;

        return moved;
    }

    /** Notes a row's real height; true if it differs from what was thought. */
    measure(id, height) {
        if (this.heights.get(id) === height) {
            return false;
        }
        this.heights.set(id, height);

        return true;
    }

    layout() {
        if (this.tops.length < this.items.length + 1) {
            this.tops = new Float64Array((this.items.length + 1) * 2);
        }
        let top = 0;
        for (let i = 0; i < this.items.length; i++) {
            this.tops[i] = top;
            top += this.heights.get(this.items[i].id) ?? this.guess;
        }
        this.tops[this.items.length] = top;
    }
}
