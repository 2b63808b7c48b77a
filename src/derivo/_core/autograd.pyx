"""The engine that runs the graph.

It is a loop: it counts, from the roots, how many edges lead to each node, and then runs
nodes whose gradients are complete, the latest recorded first (gradient accumulation
before everything else), as PyTorch does. It never recurses, neither when it counts nor
when it runs.
"""

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport UINT64_MAX
from libc.stdlib cimport free, malloc, realloc

from derivo._core._types cimport *
from derivo._core.copies cimport clone_c
from derivo._core.dispatch cimport add_c, iadd_c
from derivo._core.function cimport FunctionNode
from derivo._core.history cimport AccumulateGrad, accumulator_of
from derivo._core.inplace cimport fallbacks
from derivo._core.tensor cimport (
    IN_NO_GRAD, ZERO_WINS, Node, TensorBase, ThreadState, anomaly_mode, dtype_of,
    grad_fn_of, like_c, needs_grad, same_shape, target_of, thread_state,
)


cdef struct Ready:
    uint64_t seq
    PyObject* node


@cython.final
cdef class Slot:
    # A node's state for a task that cannot use the fields of the node itself.
    cdef int dependencies
    cdef bint owned
    cdef object buffer


cdef int64_t _next_task = 1
cdef bint _fields_taken = False


@cython.final
cdef class Task:
    cdef int64_t id
    cdef bint keep_graph
    cdef bint create_graph
    cdef bint uses_fields
    cdef dict table              # node -> Slot, when the fields are taken
    cdef Ready* heap
    cdef int n_ready
    cdef int capacity
    cdef set needed              # nodes to run; None: all
    cdef dict captures           # node -> [(input number, position)]
    cdef list captured
    cdef list callbacks          # to run when all is done

    def __dealloc__(self):
        cdef int i
        for i in range(self.n_ready):
            Py_DECREF(<object>self.heap[i].node)
        free(self.heap)

    cdef int push(self, Node node) except -1:
        cdef int at, parent
        cdef Ready item
        if self.n_ready == self.capacity:
            self.capacity = 64 if self.capacity == 0 else 2 * self.capacity
            self.heap = <Ready*>realloc(self.heap, self.capacity * sizeof(Ready))
            if self.heap == NULL:
                raise MemoryError
        item.seq = node.seq
        item.node = <PyObject*>node
        Py_INCREF(node)
        at = self.n_ready
        self.n_ready += 1
        while at > 0:
            parent = (at - 1) >> 1
            if self.heap[parent].seq >= item.seq:
                break
            self.heap[at] = self.heap[parent]
            at = parent
        self.heap[at] = item
        return 0

    cdef Node pop(self):
        cdef Node out = <Node>self.heap[0].node
        cdef Ready last
        cdef int at = 0, child
        Py_DECREF(out)       # the caller's variable now owns it
        self.n_ready -= 1
        last = self.heap[self.n_ready]
        while True:
            child = 2 * at + 1
            if child >= self.n_ready:
                break
            if (child + 1 < self.n_ready
                    and self.heap[child + 1].seq > self.heap[child].seq):
                child += 1
            if last.seq >= self.heap[child].seq:
                break
            self.heap[at] = self.heap[child]
            at = child
        self.heap[at] = last
        return out

    cdef bint seen(self, Node node) except -1:
        if self.uses_fields:
            return node.task == self.id
        return node in self.table

    cdef int enter(self, Node node) except -1:
        if self.uses_fields:
            node.task = self.id
            node.dependencies = 0
            node.buffer = None
            node.buffer_owned = False
        else:
            self.table[node] = Slot.__new__(Slot)
        return 0

    cdef int add_dependency(self, Node node, int delta) except? -999:
        cdef Slot slot
        if self.uses_fields:
            node.dependencies += delta
            return node.dependencies
        slot = <Slot>self.table[node]
        slot.dependencies += delta
        return slot.dependencies

    cdef object take(self, Node node):
        cdef Slot slot
        cdef object out
        if self.uses_fields:
            out = node.buffer
            node.buffer = None
            return out
        slot = <Slot>self.table[node]
        out = slot.buffer
        slot.buffer = None
        return out

    cdef int give(self, Node node, int nr, object g) except -1:
        """Add gradient `g` to input `nr` of `node`."""
        cdef Slot slot = None
        cdef object old
        cdef bint owned
        if g is None:
            if node.n_out > 1:
                self.list_of(node)
            return 0
        if node.n_out > 1:
            entries = self.list_of(node)
            old = entries[nr]
            entries[nr] = g if old is None else add_c(old, g)
            return 0
        if self.uses_fields:
            old = node.buffer
            owned = node.buffer_owned
        else:
            slot = <Slot>self.table[node]
            old = slot.buffer
            owned = slot.owned
        if old is None:
            owned = False
        elif owned and not self.create_graph and not thread_state().modes:
            # The sum is ours alone: add in place.
            iadd_c(<TensorBase>old, <TensorBase>g)
            return 0
        else:
            g = add_c(old, g)
            owned = True
        if slot is None:
            node.buffer = g
            node.buffer_owned = owned
        else:
            slot.buffer = g
            slot.owned = owned
        return 0

    cdef list list_of(self, Node node):
        cdef Slot slot
        if self.uses_fields:
            if node.buffer is None:
                node.buffer = [None] * node.n_out
            return <list>node.buffer
        slot = <Slot>self.table[node]
        if slot.buffer is None:
            slot.buffer = [None] * node.n_out
        return <list>slot.buffer


cdef int count_dependencies(Task task, list roots) except -1:
    """Count for each reachable node the edges that lead to it."""
    cdef PyObject** stack = NULL
    cdef int64_t size = 0, capacity = 256
    cdef Node node, target
    cdef int i, nr
    stack = <PyObject**>malloc(capacity * sizeof(PyObject*))
    if stack == NULL:
        raise MemoryError
    try:
        for root in roots:
            node = <Node>root
            if task.seen(node):
                continue
            task.enter(node)
            stack[0] = <PyObject*>node
            size = 1
            while size:
                size -= 1
                node = <Node>stack[size]
                if size + node.n_edges + 1 > capacity:
                    capacity = 2 * capacity + node.n_edges
                    stack = <PyObject**>realloc(stack, capacity * sizeof(PyObject*))
                    if stack == NULL:
                        raise MemoryError
                for i in range(node.n_edges):
                    target = target_of(node, i, &nr)
                    if target is None:
                        continue
                    if not task.seen(target):
                        task.enter(target)
                        stack[size] = <PyObject*>target
                        size += 1
                    task.add_dependency(target, 1)
    finally:
        free(stack)
    return 0


cdef set nodes_towards(list roots, dict captures):
    """Nodes from which a captured node is reached by running them."""
    # Depth first with the children's verdicts known when a node is left.
    cdef dict verdict = {}
    cdef set needed = set()
    cdef list stack = []
    cdef Node node, target
    cdef int i, nr
    cdef bint wanted
    for root in roots:
        if root in verdict:
            continue
        stack.append((root, False))
        while stack:
            item, left = stack.pop()
            node = <Node>item
            if left:
                wanted = False
                for i in range(node.n_edges):
                    target = target_of(node, i, &nr)
                    if target is not None and (target in needed or target in captures):
                        wanted = True
                        break
                if wanted:
                    needed.add(node)
                continue
            if node in verdict:
                continue
            verdict[node] = True
            stack.append((node, True))
            for i in range(node.n_edges):
                target = target_of(node, i, &nr)
                if target is not None and target not in verdict:
                    stack.append((target, False))
    return needed


cdef object call_tensor_hooks(Node node, object g):
    cdef dict table
    if type(node) is AccumulateGrad:
        hooks = (<AccumulateGrad>node).variable.hooks
        if hooks:
            g = run_tensor_hooks(<dict>hooks, g)
        return g
    if node.hooks is None or node.hooks.tensor is None:
        return g
    table = node.hooks.tensor
    for nr in sorted(table):
        if node.n_out > 1:
            if g is not None:
                g[nr] = run_tensor_hooks(table[nr], g[nr])
        else:
            g = run_tensor_hooks(table[nr], g)
    return g


cdef int check_gradient(str what, object hook, object before, object after) except -1:
    """Raise unless a hook may replace gradient `before` by `after`."""
    cdef TensorBase old, new
    if after is None:
        return 0
    name = getattr(hook, "__name__", hook)
    if not isinstance(after, TensorBase):
        raise TypeError(
            f"[{what}] expected Variable, but hook returned '{type(after).__name__}': "
            f"hook '{name}' must return gradients, which are tensors, or None."
        )
    if before is None:
        raise RuntimeError(
            f"[{what}] can't replace a None gradient with a non-None value: hook "
            f"'{name}' must leave it as None."
        )
    old = <TensorBase>before
    new = <TensorBase>after
    if not same_shape(old, new):
        raise RuntimeError(
            f"[{what}] hook '{name}' has changed the size of value: expected "
            f"{list(old.shape)}, got {list(new.shape)}."
        )
    if old.code != new.code:
        raise RuntimeError(
            f"[{what}] hook '{name}' has changed the type of value (was "
            f"{dtype_of(old.code)!r} got {dtype_of(new.code)!r})."
        )
    return 0


cdef object checked_gradients(str what, object hook, tuple before, object after):
    """What a hook of a node returned, as a tuple like `before`."""
    cdef Py_ssize_t i
    if isinstance(after, TensorBase):
        after = (after,)
    if not isinstance(after, tuple):
        raise TypeError(
            f"[{what}] expected tuple, but hook returned '{type(after).__name__}'."
        )
    if len(after) != len(before):
        raise RuntimeError(
            f"[{what}] hook has returned an incorrect number of values: expected "
            f"{len(before)}, got {len(after)}."
        )
    for i in range(len(before)):
        check_gradient(what, hook, before[i], after[i])
    return after


cdef object run_tensor_hooks(dict hooks, object g):
    if g is None:
        return None
    for hook in list(hooks.values()):
        out = hook(g)
        if out is not None:
            check_gradient("register_hook", hook, g, out)
            g = out
    return g


cdef object call_pre_hooks(Node node, object g):
    cdef TensorBase t
    if node.hooks.pre:
        for hook in list(node.hooks.pre.values()):
            given = tuple(g) if node.n_out > 1 else (g,)
            out = hook(given)
            if out is not None:
                out = checked_gradients("register_prehook", hook, given, out)
                g = list(out) if node.n_out > 1 else out[0]
    if node.hooks.retain:
        for nr, ref in list(node.hooks.retain.items()):
            t = <TensorBase>ref()
            if t is None:
                continue
            part = g[nr] if node.n_out > 1 else g
            if part is None:
                continue
            if t.grad_ is None:
                t.grad_ = (part if thread_state().grad_enabled or thread_state().modes
                           else clone_c(<TensorBase>part))
            else:
                t.grad_ = add_c(t.grad_, part)
    return g


cdef object call_post_hooks(Node node, object result, object g):
    cdef int hidden = node.hidden_edges()
    for hook in list(node.hooks.post.values()):
        if node.n_edges == 1 and type(result) is not tuple and type(result) is not list:
            inputs = (result,)
        elif node.n_edges == 0:
            inputs = ()
        else:
            inputs = tuple(result)[hidden:node.n_edges]
        out = hook(inputs, tuple(g) if node.n_out > 1 else (g,))
        if out is None:
            continue
        out = checked_gradients("register_hook", hook, inputs, out)
        result = out[0] if node.n_edges == 1 else [None] * hidden + list(out)
    return result


cdef int evaluate(Task task, Node node) except -1:
    """Run one node and hand its results to the nodes behind its edges."""
    cdef object g = task.take(node)
    cdef object result, part
    cdef Node target
    cdef int i, nr
    cdef bint empty
    g = call_tensor_hooks(node, g)
    if task.captures is not None:
        places = task.captures.get(node)
        if places is not None:
            for nr, position in places:
                task.captured[position] = (
                    g if node.n_out == 1 else (None if g is None else g[nr]))
        if node not in task.needed:
            return 0
    if node.hooks is not None:
        g = call_pre_hooks(node, g)
    empty = g is None
    if not empty and node.n_out > 1:
        empty = True
        for part in <list>g:
            if part is not None:
                empty = False
                break
    if empty and not isinstance(node, FunctionNode):
        result = None
    else:
        if node.n_out > 1 and g is None:
            g = [None] * node.n_out
        result = node.apply(g)
        if thread_state().flags & ZERO_WINS:
            result = fallbacks["zero_wins"](node, g, result)
    if anomaly_mode & 2:
        fallbacks["check_nan"](node, result)
    if not task.keep_graph:
        node.release_saved()
    if node.hooks is not None and node.hooks.post:
        if result is None and node.n_edges != 1:
            result = [None] * node.n_edges
        result = call_post_hooks(node, result, g)
    g = None
    for i in range(node.n_edges):
        target = target_of(node, i, &nr)
        if target is None:
            continue
        if task.captures is not None and not (
                target in task.needed or target in task.captures):
            continue
        if result is None:
            part = None
        elif type(result) is list:
            part = (<list>result)[i]
        elif type(result) is tuple:
            part = (<tuple>result)[i]
        else:
            part = result
        task.give(target, nr, part)
        part = None
        if task.add_dependency(target, -1) == 0:
            if i == node.n_edges - 1:
                result = None
            task.push(target)
    return 0


cdef int evaluate_watched(Task task, Node node) except -1:
    # In anomaly mode: what fails says where it was recorded.
    cdef ThreadState* state = thread_state()
    cdef void* before = state.node
    state.node = <void*>node
    try:
        evaluate(task, node)
    except BaseException:
        fallbacks["report"](node)
        raise
    finally:
        state.node = before
    return 0


def run_backward(list roots, list grads, bint keep_graph, bint create_graph,
                 inputs=None, bint accumulate=True):
    """Run the graph from `roots` back.

    Parameters
    ----------
    roots : list of (Node, int)
        Edges to start from.
    grads : list of Tensor
        Gradient of each root.
    keep_graph, create_graph : bool
        Whether saved tensors are kept, and whether the run is itself recorded.
    inputs : list of (Node, int) or None
        Where gradients are wanted; None: accumulate in all leaves.
    accumulate : bool
        With `inputs`: whether their gradients are also captured as results (False)
        or leaves accumulate them (True).

    Returns
    -------
    list of (Tensor or None)
        The captured gradients, in the order of `inputs`.
    """
    global _next_task, _fields_taken
    cdef Task task = Task.__new__(Task)
    cdef ThreadState* state = thread_state()
    cdef int grad_before = state.grad_enabled
    cdef int backward_before = state.in_backward
    cdef void* task_before = state.task
    cdef list nodes = [pair[0] for pair in roots]
    cdef Node node
    cdef bint took = False
    task.id = _next_task
    _next_task += 1
    task.keep_graph = keep_graph
    task.create_graph = create_graph
    task.uses_fields = not _fields_taken
    if task.uses_fields:
        _fields_taken = True
        took = True
    else:
        task.table = {}
    if inputs is not None:
        task.captures = {}
        task.captured = [None] * len(inputs)
        for position, (target, nr) in enumerate(inputs):
            task.captures.setdefault(target, []).append((nr, position))
        task.needed = nodes_towards(nodes, task.captures)
        if accumulate:
            # Leaves among the inputs run their own node, which accumulates.
            for target, _ in inputs:
                if type(target) is AccumulateGrad:
                    task.needed.add(target)
    state.grad_enabled = create_graph
    state.in_backward = 1
    state.task = <void*>task
    done = False
    try:
        count_dependencies(task, nodes)
        for i in range(len(roots)):
            task.give(<Node>roots[i][0], <int>roots[i][1], grads[i])
        for item in set(nodes):
            node = <Node>item
            if task.add_dependency(node, 0) == 0:
                task.push(node)
        grads = None
        while task.n_ready:
            if anomaly_mode:
                evaluate_watched(task, task.pop())
            else:
                evaluate(task, task.pop())
        done = True
        while task.callbacks:
            task.callbacks.pop(0)()
    finally:
        state.grad_enabled = grad_before
        state.in_backward = backward_before
        state.task = task_before
        if took:
            if not done:
                drop_buffers(task, nodes)
            _fields_taken = False
    return task.captured


def run_from(TensorBase root):
    """Run the graph back from one ordinary real number, with a gradient of one.

    Returns
    -------
    bool
        False, and nothing is done, where more is to be looked at than that.
    """
    cdef TensorBase seed
    cdef ThreadState* state = thread_state()
    cdef Node node
    if (root.count != 1 or (root.code != F32 and root.code != F64) or state.modes
            or not needs_grad(root)):
        return False
    node = grad_fn_of(root)
    if node is None and not root.leaf_grad:
        return False
    seed = like_c(root, root.code)
    if root.code == F32:
        (<float*>seed.data_)[0] = 1.0
    else:
        (<double*>seed.data_)[0] = 1.0
    seed.inference = state.inference
    if node is None:
        run_backward([(accumulator_of(root, UINT64_MAX), 0)], [seed], False, False)
    else:
        run_backward([(node, root.output_nr)], [seed], False, False)
    return True


cdef int drop_buffers(Task task, list roots) except -1:
    # After an error: gradients that wait in nodes would otherwise stay alive.
    cdef list stack = list(roots)
    cdef Node node, target
    cdef int i, nr
    while stack:
        node = <Node>stack.pop()
        if node.task != task.id:
            continue
        node.task = 0
        node.buffer = None
        for i in range(node.n_edges):
            target = target_of(node, i, &nr)
            if target is not None and target.task == task.id:
                stack.append(target)
    return 0


def _edge(TensorBase t):
    """(node, output number) that leads to `t`; its accumulator for a leaf."""
    fn = grad_fn_of(t)
    if fn is None:
        return (accumulator_of(t, UINT64_MAX), 0)
    return (fn, t.output_nr)


def _leads_back(TensorBase t):
    """Whether the graph has a place for gradients of `t`.

    A view that was taken under no_grad of what requires a gradient says that it does,
    too, and has none.
    """
    return t.leaf_grad or grad_fn_of(t) is not None


def _current_task():
    """Number of the backward pass that this thread is running, or -1."""
    cdef void* task = thread_state().task
    return -1 if task == NULL else (<Task>task).id


def _accumulates():
    """Whether the backward pass that is running accumulates in all leaves."""
    cdef void* task = thread_state().task
    return task == NULL or (<Task>task).captures is None


def _current_node():
    """The node that this thread is running in anomaly mode, or None."""
    cdef void* node = thread_state().node
    return None if node == NULL else <Node>node


def _queue_callback(callback):
    """Call `callback` at the end of the backward pass that is running."""
    cdef void* task = thread_state().task
    if task == NULL:
        raise RuntimeError(
            "[queue_callback] Final callbacks can only be installed during backward "
            "pass."
        )
    if (<Task>task).callbacks is None:
        (<Task>task).callbacks = []
    (<Task>task).callbacks.append(callback)


def _will_run(Node node):
    """Whether the backward pass that is running comes to `node`."""
    cdef void* current = thread_state().task
    cdef Task task
    if current == NULL:
        raise RuntimeError(
            "[register_multi_grad_hook] _get_should_execute_nodes should only be "
            "called during the backward pass."
        )
    task = <Task>current
    if not task.seen(node):
        return False
    if task.captures is None or node in task.needed:
        return True
    if node in task.captures and type(node) is AccumulateGrad:
        raise RuntimeError(
            "[register_multi_grad_hook] A leaf node was passed to "
            "_will_engine_execute_node but we are currently running autograd.grad(). "
            "This is currently not supported."
        )
    return node in task.captures


def _reaches_others(tensors, leaves):
    """Whether the graph of `tensors` leads to anything but `leaves`.

    `leaves` are tensors that stand for the start of the graph: leaves, or results of
    a node at which the search stops.
    """
    cdef set seen = set()
    cdef list stack = []
    cdef Node node, target
    cdef int i, nr
    ends = set()
    for t in leaves:
        if (<TensorBase>t).fn is None:
            ends.add(accumulator_of(<TensorBase>t, UINT64_MAX))
    for t in tensors:
        if not needs_grad(<TensorBase>t):
            continue
        node = grad_fn_of(<TensorBase>t)
        if node is not None:
            stack.append(node)
        elif (<TensorBase>t).leaf_grad:
            stack.append(accumulator_of(<TensorBase>t, UINT64_MAX))
    while stack:
        node = <Node>stack.pop()
        if node in ends or node in seen:
            continue
        if type(node) is AccumulateGrad:
            return True
        seen.add(node)
        for i in range(node.n_edges):
            target = target_of(node, i, &nr)
            if target is not None:
                stack.append(target)
    return False


def _in_backward():
    """Whether this thread is inside a backward pass."""
    return thread_state().in_backward != 0


def _alloc_views(TensorBase source, TensorBase out):
    """Mark `out`, an alias of `source`, as a view of it."""
    out.base = source if source.base is None else source.base
    out.attr_version = out.storage.version
    if not thread_state().grad_enabled:
        out.creation = IN_NO_GRAD
