/** Pan and zoom of an SVG by its view box: mouse, wheel, touch and keys. */
export interface View {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Viewport {
  /** Told after each move. */
  onChange: (() => void) | undefined;
  private view: View = { x: 0, y: 0, width: 1, height: 1 };
  private whole: View = this.view;
  private frame = 0;

  constructor(private readonly svg: SVGSVGElement) {
    svg.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
        event.preventDefault();
        this.zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, this.point(event));
      },
      { passive: false },
    );
    this.drag();
  }

  /** Show a whole picture of this size, never larger than life times `most`. */
  fit(width: number, height: number, pad = 24, most = 1): void {
    const { clientWidth: w, clientHeight: h } = this.svg;
    const scale = Math.min(most, (w || 800) / (width + 2 * pad), (h || 400) / (height + 2 * pad));
    const view = { width: (w || 800) / scale, height: (h || 400) / scale, x: 0, y: 0 };
    view.x = (width - view.width) / 2;
    view.y = (height - view.height) / 2;
    this.whole = view;
    this.set(view);
  }

  get now(): View {
    return this.view;
  }

  /** Pixels of the picture to one on the screen. */
  get unit(): number {
    return this.view.width / (this.svg.clientWidth || this.view.width);
  }

  /** Move so that this point is in the middle. */
  center(x: number, y: number): void {
    const v = this.view;
    this.set({ ...v, x: x - v.width / 2, y: y - v.height / 2 });
  }

  /** Show a box in the middle, at least at this scale. */
  lookAt(box: View, unit = Math.min(this.unit, 1.2)): void {
    const [width, height] = [this.svg.clientWidth * unit, this.svg.clientHeight * unit];
    this.glide({
      x: box.x + box.width / 2 - width / 2,
      y: box.y + box.height / 2 - height / 2,
      width,
      height,
    });
  }

  /** Move the picture without moving what is looked at. */
  shift(dx: number, dy: number): void {
    if (dx || dy) this.set({ ...this.view, x: this.view.x + dx, y: this.view.y + dy });
  }

  /** The whole is another size now; what is looked at stays. */
  enlarge(width: number, height: number): void {
    const { view } = this;
    this.fit(width, height, 36);
    this.set(view);
  }

  reset(): void {
    this.glide(this.whole);
  }

  zoom(by: number, around?: { x: number; y: number }): void {
    const v = this.view;
    const at = around ?? { x: v.x + v.width / 2, y: v.y + v.height / 2 };
    const width = Math.min(Math.max(v.width * by, this.whole.width / 12), this.whole.width * 4);
    const k = width / v.width;
    this.set({ x: at.x - (at.x - v.x) * k, y: at.y - (at.y - v.y) * k, width, height: v.height * k });
  }

  /** Bring a box into view without changing the scale. */
  reveal(box: View, covered = 0): void {
    const v = { ...this.view, width: this.view.width - covered * this.unit };
    const pad = 30;
    let { x, y } = v;
    if (box.x < v.x + pad) x = box.x - pad;
    if (box.x + box.width > v.x + v.width - pad) x = box.x + box.width + pad - v.width;
    if (box.y < v.y + pad) y = box.y - pad;
    if (box.y + box.height > v.y + v.height - pad) y = box.y + box.height + pad - v.height;
    if (x !== v.x || y !== v.y) this.glide({ ...this.view, x, y });
  }

  /** Move to a view in 120 ms, at once where motion is not wanted. */
  glide(to: View): void {
    cancelAnimationFrame(this.frame);
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.set(to);
      return;
    }
    const from = this.view;
    const start = performance.now();
    const step = (now: number): void => {
      const t = Math.min(1, (now - start) / 120);
      const k = 1 - (1 - t) ** 3;
      const mix = (a: number, b: number): number => a + (b - a) * k;
      this.set({
        x: mix(from.x, to.x),
        y: mix(from.y, to.y),
        width: mix(from.width, to.width),
        height: mix(from.height, to.height),
      });
      if (t < 1) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  private set(view: View): void {
    this.view = view;
    this.svg.style.setProperty("--unit", String(view.width / (this.svg.clientWidth || view.width)));
    this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    this.svg.classList.toggle("is-far", this.unit > 2.2);
    this.onChange?.();
  }

  private point(event: MouseEvent): { x: number; y: number } {
    const box = this.svg.getBoundingClientRect();
    return {
      x: this.view.x + ((event.clientX - box.left) / box.width) * this.view.width,
      y: this.view.y + ((event.clientY - box.top) / box.height) * this.view.height,
    };
  }

  private drag(): void {
    const fingers = new Map<number, PointerEvent>();
    let moved = 0;
    this.svg.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, event);
      moved = 0;
    });
    window.addEventListener("pointermove", (event) => {
      const last = fingers.get(event.pointerId);
      if (!last) return;
      const others = [...fingers.values()].filter((one) => one.pointerId !== event.pointerId);
      const k = this.view.width / (this.svg.clientWidth || 1);
      if (others[0]) {
        const gap = (a: PointerEvent): number =>
          Math.hypot(a.clientX - others[0]!.clientX, a.clientY - others[0]!.clientY) || 1;
        this.zoom(gap(last) / gap(event), this.point(event));
      } else {
        this.svg.classList.add("is-moving");
        moved += Math.abs(event.clientX - last.clientX) + Math.abs(event.clientY - last.clientY);
        this.set({
          ...this.view,
          x: this.view.x - (event.clientX - last.clientX) * k,
          y: this.view.y - (event.clientY - last.clientY) * k,
        });
      }
      fingers.set(event.pointerId, event);
    });
    const end = (event: PointerEvent): void => {
      fingers.delete(event.pointerId);
      this.svg.classList.remove("is-moving");
    };
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
    this.svg.addEventListener(
      "click",
      (event) => {
        if (moved > 6) event.stopImmediatePropagation();
      },
      true,
    );
  }
}
