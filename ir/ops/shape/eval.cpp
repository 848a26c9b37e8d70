// Reference kernels of the operations that move or create elements: all are one strided copy or a few.
#include <cstring>

#include "ir/ops/eval_support.h"

namespace nuthatch::ir {
namespace {

/// The whole result, read from the operand under `from`.
void read(Results out, const Array& x, const Layout& from) {
  copyStrided(size_of(x.dtype), out[0].shape, out[0].data.get(), {0, rowMajor(out[0].shape)}, x.data.get(), from);
}

void evalConstant(const Attributes& attributes, Operands, Results out) { out[0] = attributes.constant(); }

void evalIota(const Attributes& attributes, Operands, Results out) {
  const Around around(out[0].shape, attributes.integer("dim"));
  withNumber(out[0].dtype, [&]<class V>(std::type_identity<V>) {
    V* y = out[0].as<V>();
    for (std::int64_t o = 0; o < around.outer; ++o)
      for (std::int64_t i = 0; i < around.extent; ++i)
        for (std::int64_t k = 0; k < around.inner; ++k) {
          if constexpr (std::is_floating_point_v<V>) *y++ = V(i);
          else *y++ = math::lit(V{}, i);
        }
  });
}

void evalBroadcast(const Attributes& attributes, Operands in, Results out) {
  const auto dims = attributes.list("dims");
  const Strides strides = rowMajor(in[0].shape);
  Layout from{0, Strides(out[0].shape.size(), 0)};
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (in[0].shape[i] != 1) from.strides[std::size_t(dims[i])] = strides[i];
  read(out, in[0], from);
}

void evalReshape(const Attributes&, Operands in, Results out) {
  std::memcpy(out[0].data.get(), in[0].data.get(), in[0].bytes());
}

void evalTranspose(const Attributes& attributes, Operands in, Results out) {
  const Strides strides = rowMajor(in[0].shape);
  Layout from;
  for (std::int64_t d : attributes.list("perm")) from.strides.push_back(strides[std::size_t(d)]);
  read(out, in[0], from);
}

void evalSlice(const Attributes& attributes, Operands in, Results out) {
  const auto start = attributes.list("start"), stride = attributes.list("stride");
  Layout from{0, rowMajor(in[0].shape)};
  for (std::size_t d = 0; d < start.size(); ++d) {
    from.offset += start[d] * from.strides[d];
    from.strides[d] *= stride[d];
  }
  read(out, in[0], from);
}

void evalReverse(const Attributes& attributes, Operands in, Results out) {
  Layout from{0, rowMajor(in[0].shape)};
  for (std::int64_t d : attributes.list("dims")) {
    from.offset += (in[0].shape[std::size_t(d)] - 1) * from.strides[std::size_t(d)];
    from.strides[std::size_t(d)] *= -1;
  }
  read(out, in[0], from);
}

void evalPad(const Attributes& attributes, Operands in, Results out) {
  const auto low = attributes.list("low"), interior = attributes.list("interior");
  fill(out[0], in[1].data.get());
  Layout to{0, rowMajor(out[0].shape)};
  for (std::size_t d = 0; d < low.size(); ++d) {
    to.offset += low[d] * to.strides[d];
    to.strides[d] *= interior[d] + 1;
  }
  copyStrided(size_of(in[0].dtype), in[0].shape, out[0].data.get(), to, in[0].data.get(), {0, rowMajor(in[0].shape)});
}

void evalConcatenate(const Attributes& attributes, Operands in, Results out) {
  const auto dim = std::size_t(attributes.integer("dim"));
  Layout to{0, rowMajor(out[0].shape)};
  for (const Array& x : in) {
    copyStrided(size_of(x.dtype), x.shape, out[0].data.get(), to, x.data.get(), {0, rowMajor(x.shape)});
    to.offset += x.shape[dim] * to.strides[dim];
  }
}

}  // namespace

void registerShapeEval() {
  registerEval("constant", evalConstant);
  registerEval("iota", evalIota);
  registerEval("broadcast", evalBroadcast);
  registerEval("reshape", evalReshape);
  registerEval("transpose", evalTranspose);
  registerEval("slice", evalSlice);
  registerEval("reverse", evalReverse);
  registerEval("pad", evalPad);
  registerEval("concatenate", evalConcatenate);
}

}  // namespace nuthatch::ir
