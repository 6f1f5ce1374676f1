/* Blocks of a plan are dragged by their handles, within a part and into others, or moved with Alt and the arrow keys.
   Each of these sends what the buttons of a block send, as readers without scripts do. */
(function () {
  "use strict";
  /* Dragging leaves styles on blocks; to carry them over to new ones is what the policy refuses. */
  htmx.config.attributesToSettle = ["class"];
  const form = document.getElementById("hs-plan-form");
  if (!form) return;

  const send = (block, said) => {
    for (const [name, value] of Object.entries(said)) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
    form.action = block.dataset.acts;
    form.submit();
  };

  const sort = (within) => within.querySelectorAll("[data-blocks]").forEach((list) => {
    Sortable.create(list, {
      group: "blocks", handle: ".hs-grip", draggable: ".hs-plan-block", animation: 120,
      onEnd: (event) => {
        if (event.from === event.to && event.oldDraggableIndex === event.newDraggableIndex) return;
        send(event.item, { act: "place", part: event.to.dataset.blocks, number: event.newDraggableIndex });
      },
    });
  });
  sort(document);
  /* The paper comes again once its figures are counted. */
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "hs-plan-paper") sort(event.target); });

  const arrows = { ArrowUp: "up", ArrowDown: "down" };
  document.addEventListener("keydown", (event) => {
    const block = event.altKey && arrows[event.key] && event.target.closest(".hs-plan-block[data-acts]");
    if (!block || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    send(block, { act: arrows[event.key] });
  });
})();
