import WindowList from './window-list';

const PAGE = 100;
const NEAR = 1200;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function time(iso) {
    const at = new Date(iso);
    const two = (number) => String(number).padStart(2, '0');

    return `${at.getDate()} ${MONTHS[at.getMonth()]} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What a row shows, ready to be bound; frozen, so that Alpine does not wrap thousands of messages in proxies. */
function row(message) {
    return Object.freeze({
        ...message,
        head: `${message.author}, ${time(message.created_at)}`,
        look: `message is-${message.role} is-${message.status}`,
    });
}

/**
 * A chat of any length with a few dozen nodes: the messages are kept outside Alpine's state, and
 * `shown` is the window around what is on screen. Older ones are fetched when the top comes near
 * (IntersectionObserver), answers arrive over server-sent events. destroy() undoes all of init().
 */
export default function optimizedChat() {
    const list = new WindowList();
    const streams = new Map();
    const stop = new AbortController();
    let observer = null;
    let frame = 0;

    return {
        shown: [],
        loading: false,
        more: false,
        atEnd: true,

        init() {
            const config = JSON.parse(this.$root.dataset.chat);
            this.messagesUrl = config.messagesUrl;
            this.streamUrl = config.streamUrl;
            this.more = config.more;

            list.append(JSON.parse(this.$refs.first.textContent).map(row));
            list.start = Math.max(0, list.items.length - list.rows);
            this.draw();
            this.$nextTick(() => {
                this.toEnd();
                this.observe();
                this.listenToPending();
            });

            this.$refs.scroller.addEventListener('scroll', () => this.schedule(), { passive: true, signal: stop.signal });
            window.addEventListener('message-sent', (event) => this.addMessages(event.detail.messages), { signal: stop.signal });
        },

        destroy() {
            stop.abort();
            observer?.disconnect();
            observer = null;
            cancelAnimationFrame(frame);
            streams.forEach((stream) => stream.close());
            streams.clear();
        },

        /** At most one look a frame, however often the browser says "scroll". */
        schedule() {
            if (!frame) {
                frame = requestAnimationFrame(() => {
                    frame = 0;
                    this.follow();
                });
            }
        },

        follow() {
            const { scrollTop, clientHeight } = this.$refs.scroller;
            this.atEnd = scrollTop + clientHeight > list.total - 120;
            if (list.show(scrollTop, scrollTop + clientHeight)) {
                this.draw();
            }
            // The observer only tells of changes: whoever drags the bar to the top again and again stays "near".
            if (scrollTop < NEAR) {
                this.loadMoreMessages();
            }
        },

        /** Shows the window; the two spacers stand for all rows outside it. */
        draw() {
            this.shown = list.items.slice(list.start, list.end);
            this.space();
            this.$nextTick(() => this.measure());
        },

        space() {
            this.$refs.before.style.height = `${list.tops[list.start]}px`;
            this.$refs.after.style.height = `${list.total - list.tops[list.end]}px`;
        },

        /** Learns the heights of what is drawn, and keeps what the reader looks at where it is. */
        measure() {
            const scroller = this.$refs.scroller;
            if (!scroller) {
                return;
            }
            const anchor = list.at(scroller.scrollTop);
            const offset = scroller.scrollTop - list.tops[anchor];
            let changed = false;
            // The nodes stand behind the template, in the order of what is shown.
            const nodes = this.$refs.list.querySelectorAll('li');
            for (let i = 0; i < nodes.length && i < this.shown.length; i++) {
                changed = list.measure(this.shown[i].id, nodes[i].offsetHeight) || changed;
            }
            if (!changed) {
                return;
            }
            list.layout();
            this.space();
            scroller.scrollTop = this.atEnd ? list.total : list.tops[anchor] + offset;
        },

        observe() {
            if (stop.signal.aborted) {
                return;
            }
            observer = new IntersectionObserver(
                (entries) => entries.some((entry) => entry.isIntersecting) && this.loadMoreMessages(),
                { root: this.$refs.scroller, rootMargin: `${NEAR}px 0px 0px 0px` },
            );
            observer.observe(this.$refs.loadTrigger);
        },

        async loadMoreMessages() {
            if (this.loading || !this.more || list.items.length === 0) {
                return;
            }
            this.loading = true;
            try {
                const response = await fetch(`${this.messagesUrl}?before=${list.items[0].id}&limit=${PAGE}`, {
                    headers: { Accept: 'application/json' },
                    signal: stop.signal,
                });
                const page = await response.json();
                const added = list.prepend(page.data.map(row));
                this.more = page.more;
                this.space();
                this.$refs.scroller.scrollTop += added;
                this.follow();
            } catch (error) {
                if (error.name !== 'AbortError') {
                    this.more = false;
                }
            } finally {
                this.loading = false;
            }
            if (this.more && this.$refs.scroller?.scrollTop < NEAR) {
                this.loadMoreMessages();
            }
        },

        addMessages(messages) {
            list.append(messages.map(row));
            this.toEnd();
            this.listenToPending();
        },

        toEnd() {
            this.atEnd = true;
            list.start = Math.max(0, list.items.length - list.rows);
            this.draw();
            this.$nextTick(() => {
                if (this.$refs.scroller) {
                    this.$refs.scroller.scrollTop = list.total;
                }
            });
        },

        listenToPending() {
            list.items.slice(-12).filter((message) => message.status === 'pending').forEach((message) => this.listen(message.id));
        },

        listen(id) {
            if (streams.has(id) || stop.signal.aborted) {
                return;
            }
            const stream = new EventSource(`${this.streamUrl}?message=${id}`);
            let text = '';
            streams.set(id, stream);
            stream.addEventListener('delta', (event) => {
                text += JSON.parse(event.data).text;
                this.change(id, { content: text });
            });
            stream.addEventListener('done', (event) => {
                const { text: whole, status } = JSON.parse(event.data);
                this.change(id, { content: whole ?? text, status: status ?? 'complete' });
                stream.close();
                streams.delete(id);
            });
            stream.addEventListener('wait', () => {
                // The server ends each connection after a while; the next one begins with the whole text.
                text = '';
            });
            stream.onerror = () => {
                text = '';
            };
        },

        change(id, fields) {
            const index = list.indexOf(id);
            if (index < 0) {
                return;
            }
            list.replace(row({ ...list.items[index], ...fields }));
            if (index >= list.start && index < list.end) {
                this.draw();
            }
        },
    };
}
