// The tensor dialect `nh`. One section per family; the rules of every operation (shape, evaluation,
// derivatives, batching) are registered next to each other in ir/ops/<family>/, keyed by its name.
#ifndef NUTHATCH_NH_TD
#define NUTHATCH_NH_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Nh_Dialect : Dialect {
  let name = "nh";
  let cppNamespace = "::nuthatch::ir";
  let summary = "Pure tensor programs with static shapes";
  let hasConstantMaterializer = 1;
}

class NhOp<string mnemonic, list<Trait> traits = []> : Op<Nh_Dialect, mnemonic, traits> {
  // The verifier recomputes the result types by the registered shape rule.
  let hasVerifier = 1;
  let extraClassDefinition = [{
    ::mlir::LogicalResult $cppClass::verify() { return ::nuthatch::ir::verifyByShapeRule(getOperation()); }
  }];
}
class PureOp<string mnemonic, list<Trait> traits = []> : NhOp<mnemonic, !listconcat(traits, [Pure])> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

defvar AnyT = AnyStaticShapeTensor;

//===-------------------------------- elementwise --------------------------------===//

class Kind<string name, string summary, list<string> names> : I32EnumAttr<name, summary,
    !foreach(i, !range(!size(names)), I32EnumAttrCase<names[i], i>)> {
  let cppNamespace = "::nuthatch::ir";
}

def UnaryKind : Kind<"UnaryKind", "unary elementwise function", [
  "neg", "abs", "sign", "floor", "ceil", "round", "sqrt", "rsqrt", "exp", "expm1", "log", "log1p", "sin", "cos",
  "tan", "tanh", "logistic", "softplus", "erf", "erfc", "erf_inv", "lgamma", "digamma", "trigamma", "atan",
  "asin", "acos", "sinh", "cosh", "asinh", "acosh", "atanh", "exp2", "log2", "log10", "cbrt", "erfcx", "ndtri", "log_ndtr",
  "bessel_i0e", "bessel_i1e", "popcount", "is_finite", "logical_not", "stop_gradient"]>;
def BinaryKind : Kind<"BinaryKind", "binary elementwise function", [
  "add", "sub", "mul", "div", "rem", "max", "min", "pow", "atan2", "polygamma", "owens_t", "igamma", "igammac",
  "igamma_grad_a", "igamma_grad_aa", "igamma_grad_x", "igamma_inv", "igammac_inv", "and_", "or_", "xor_", "shl", "shr"]>;
def TernaryKind : Kind<"TernaryKind", "ternary elementwise function", [
  "betainc", "betainc_grad_a", "betainc_grad_b", "betainc_grad_aa", "betainc_grad_ab", "betainc_grad_bb", "betainc_grad_x",
  "betainc_inv"]>;
def CompareKind : Kind<"CompareKind", "comparison", ["eq", "ne", "lt", "le", "gt", "ge"]>;
def ReduceKind : Kind<"ReduceKind", "reduction", ["sum", "prod", "max", "min", "all", "any"]>;
def CumulativeKind : Kind<"CumulativeKind", "prefix reduction", ["sum", "prod", "max", "min", "logsumexp"]>;
def ScatterKind : Kind<"ScatterKind", "combination of updates", ["set", "add", "mul", "min", "max"]>;

def UnaryOp : PureOp<"unary"> {
  let summary = "elementwise function of one operand";
  let arguments = (ins UnaryKind:$kind, AnyT:$x);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $x attr-dict `:` type($x) `->` type($result)";
}
def BinaryOp : PureOp<"binary", [AllTypesMatch<["a", "b", "result"]>]> {
  let summary = "elementwise function of two operands of one type";
  let arguments = (ins BinaryKind:$kind, AnyT:$a, AnyT:$b);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $a `,` $b attr-dict `:` type($result)";
}
def TernaryOp : PureOp<"ternary", [AllTypesMatch<["a", "b", "c", "result"]>]> {
  let summary = "elementwise function of three operands of one type";
  let arguments = (ins TernaryKind:$kind, AnyT:$a, AnyT:$b, AnyT:$c);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $a `,` $b `,` $c attr-dict `:` type($result)";
}
def CompareOp : PureOp<"compare"> {
  let summary = "elementwise comparison, result i1; every comparison but ne is false with NaN";
  let arguments = (ins CompareKind:$kind, AnyT:$a, AnyT:$b);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $a `,` $b attr-dict `:` functional-type(operands, results)";
}
def SelectOp : PureOp<"select"> {
  let summary = "elementwise p ? a : b; all three have one shape";
  let arguments = (ins AnyT:$pred, AnyT:$a, AnyT:$b);
  let results = (outs AnyT:$result);
}
def FmaOp : PureOp<"fma"> {
  let summary = "a * b + c rounded once";
  let arguments = (ins AnyT:$a, AnyT:$b, AnyT:$c);
  let results = (outs AnyT:$result);
}
def ConvertOp : PureOp<"convert"> {
  let summary = "value conversion between dtypes; float to integer truncates and saturates, NaN gives 0; to i1 is x != 0";
  let arguments = (ins TypeAttr:$dtype, AnyT:$x);
  let results = (outs AnyT:$result);
}
def BitcastOp : PureOp<"bitcast"> {
  let summary = "reinterprets the bits of elements of equal width";
  let arguments = (ins TypeAttr:$dtype, AnyT:$x);
  let results = (outs AnyT:$result);
}

//===----------------------------------- shape -----------------------------------===//

def ConstantOp : PureOp<"constant", [ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a literal";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyT:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}
def IotaOp : PureOp<"iota"> {
  let summary = "0, 1, 2, ... along dim";
  let arguments = (ins TypeAttr:$dtype, DenseI64ArrayAttr:$shape, I64Attr:$dim);
  let results = (outs AnyT:$result);
}
def BroadcastOp : PureOp<"broadcast"> {
  let summary = "operand dimension i becomes result dimension dims[i] (equal extent, or 1 repeated); other dimensions repeat";
  let arguments = (ins DenseI64ArrayAttr:$shape, DenseI64ArrayAttr:$dims, AnyT:$x);
  let results = (outs AnyT:$result);
}
def ReshapeOp : PureOp<"reshape"> {
  let summary = "the same elements in row-major order under another shape";
  let arguments = (ins DenseI64ArrayAttr:$shape, AnyT:$x);
  let results = (outs AnyT:$result);
}
def TransposeOp : PureOp<"transpose"> {
  let summary = "result dimension i is operand dimension perm[i]";
  let arguments = (ins DenseI64ArrayAttr:$perm, AnyT:$x);
  let results = (outs AnyT:$result);
}
def SliceOp : PureOp<"slice"> {
  let summary = "elements start, start + stride, ... below limit in each dimension";
  let arguments = (ins DenseI64ArrayAttr:$start, DenseI64ArrayAttr:$limit, DenseI64ArrayAttr:$stride, AnyT:$x);
  let results = (outs AnyT:$result);
}
def ReverseOp : PureOp<"reverse"> {
  let summary = "the elements in opposite order along dims";
  let arguments = (ins DenseI64ArrayAttr:$dims, AnyT:$x);
  let results = (outs AnyT:$result);
}
def PadOp : PureOp<"pad"> {
  let summary = "scalar `value` before (low), after (high) and between (interior) the elements; low and high >= 0";
  let arguments = (ins DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, DenseI64ArrayAttr:$interior, AnyT:$x, AnyT:$value);
  let results = (outs AnyT:$result);
}
def ConcatenateOp : PureOp<"concatenate"> {
  let summary = "operands one after the other along dim";
  let arguments = (ins I64Attr:$dim, Variadic<AnyT>:$xs);
  let results = (outs AnyT:$result);
}

//===---------------------------------- indexing ---------------------------------===//

def DynamicSliceOp : PureOp<"dynamic_slice"> {
  let summary = "block of extent `sizes` at scalar i64 start indices, clamped so that it fits";
  let arguments = (ins DenseI64ArrayAttr:$sizes, AnyT:$x, Variadic<AnyT>:$starts);
  let results = (outs AnyT:$result);
}
def DynamicUpdateSliceOp : PureOp<"dynamic_update_slice"> {
  let summary = "x with the block at the (clamped) start indices replaced by update";
  let arguments = (ins AnyT:$x, AnyT:$update, Variadic<AnyT>:$starts);
  let results = (outs AnyT:$result);
}
def GatherOp : PureOp<"gather"> {
  let summary = "blocks of `slice_sizes` taken at index vectors (StableHLO's gather; index vectors lie in the last dimension of indices, i64, clamped)";
  let arguments = (ins DenseI64ArrayAttr:$offset_dims, DenseI64ArrayAttr:$collapsed_dims,
                       DenseI64ArrayAttr:$operand_batch_dims, DenseI64ArrayAttr:$indices_batch_dims,
                       DenseI64ArrayAttr:$index_map, DenseI64ArrayAttr:$slice_sizes, AnyT:$x, AnyT:$indices);
  let results = (outs AnyT:$result);
}
def ScatterOp : PureOp<"scatter"> {
  let summary = "x with blocks of `updates` combined in at index vectors, in row-major order of the updates; blocks out of bounds are dropped";
  let arguments = (ins ScatterKind:$kind, DenseI64ArrayAttr:$window_dims, DenseI64ArrayAttr:$inserted_dims,
                       DenseI64ArrayAttr:$operand_batch_dims, DenseI64ArrayAttr:$indices_batch_dims,
                       DenseI64ArrayAttr:$index_map, AnyT:$x, AnyT:$indices, AnyT:$updates);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind operands attr-dict `:` functional-type(operands, results)";
}

//===---------------------------------- reductions -------------------------------===//

def ReduceOp : PureOp<"reduce"> {
  let summary = "reduces `dims` (removed from the shape) in the order the dialect defines";
  let arguments = (ins ReduceKind:$kind, DenseI64ArrayAttr:$dims, AnyT:$x);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $x attr-dict `:` functional-type(operands, results)";
}
def ArgReduceOp : PureOp<"arg_reduce"> {
  let summary = "i64 index of the first largest (max = true) or smallest element along dim; NaN counts as the extreme";
  let arguments = (ins BoolAttr:$max, I64Attr:$dim, AnyT:$x);
  let results = (outs AnyT:$result);
}
def CumulativeOp : PureOp<"cumulative"> {
  let summary = "running reduction along dim, in index order (reverse: from the end)";
  let arguments = (ins CumulativeKind:$kind, I64Attr:$dim, BoolAttr:$reverse, AnyT:$x);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $x attr-dict `:` functional-type(operands, results)";
}

def ArgsortOp : PureOp<"argsort"> {
  let summary = "i64 positions that sort along dim by the first key, ties by the next ones; stable, NaN last";
  let arguments = (ins I64Attr:$dim, Variadic<AnyT>:$keys);
  let results = (outs AnyT:$result);
}

//===-------------------------------- linear algebra -----------------------------===//

def DotGeneralOp : PureOp<"dot_general"> {
  let summary = "sum over contracted dimensions; result dimensions are batch, free of lhs, free of rhs";
  let arguments = (ins DenseI64ArrayAttr:$lhs_batch, DenseI64ArrayAttr:$rhs_batch, DenseI64ArrayAttr:$lhs_contract,
                       DenseI64ArrayAttr:$rhs_contract, AnyT:$lhs, AnyT:$rhs);
  let results = (outs AnyT:$result);
}
def CholeskyOp : PureOp<"cholesky"> {
  let summary = "lower L with L L^T = x for the last two dimensions; reads the lower triangle; zeros above; NaN where x is not positive definite";
  let arguments = (ins AnyT:$x);
  let results = (outs AnyT:$result);
}
def CholeskyPullbackOp : PureOp<"cholesky_pullback", [AllTypesMatch<["l", "g", "result"]>]> {
  let summary = "cotangent of x from the cotangent g of L, where L L^T = x: lower triangular; reads the lower triangles of L and g";
  let arguments = (ins AnyT:$l, AnyT:$g);
  let results = (outs AnyT:$result);
}
def TriangularSolveOp : PureOp<"triangular_solve"> {
  let summary = "solves op(a) y = b (last two dimensions; op is transpose if `transpose`); reads only the stated triangle of a";
  let arguments = (ins BoolAttr:$lower, BoolAttr:$transpose, BoolAttr:$unit_diagonal, AnyT:$a, AnyT:$b);
  let results = (outs AnyT:$result);
}

def LuOp : PureOp<"lu"> {
  let summary = "row permutation and triangular factors of square matrices: row i of L U is row permutation(i) of x";
  let arguments = (ins AnyT:$x);
  let results = (outs AnyT:$factors, AnyT:$permutation);
}
def QrOp : PureOp<"qr"> {
  let summary = "thin QR of matrices with at least as many rows as columns";
  let arguments = (ins AnyT:$x);
  let results = (outs AnyT:$q, AnyT:$r);
}
def EighOp : PureOp<"eigh"> {
  let summary = "eigenvalues, ascending, and eigenvectors (columns) of symmetric matrices; reads the lower triangle";
  let arguments = (ins AnyT:$x);
  let results = (outs AnyT:$w, AnyT:$v);
}
def SvdOp : PureOp<"svd"> {
  let summary = "thin singular value decomposition u diag(s) vt of matrices with at least as many rows as columns, s descending";
  let arguments = (ins AnyT:$x);
  let results = (outs AnyT:$u, AnyT:$s, AnyT:$vt);
}

//===----------------------------------- random ----------------------------------===//

def RngBitsOp : PureOp<"rng_bits"> {
  let summary = "Threefry-2x32-20 bits: key [B..., 2] of ui32 gives [B..., shape...]; element i depends on (key, i) only";
  let arguments = (ins TypeAttr:$dtype, DenseI64ArrayAttr:$shape, AnyT:$key);
  let results = (outs AnyT:$result);
}
def RngSplitOp : PureOp<"rng_split"> {
  let summary = "key [B..., 2] gives `count` child keys [B..., count, 2]";
  let arguments = (ins I64Attr:$count, AnyT:$key);
  let results = (outs AnyT:$result);
}
def RngFoldInOp : PureOp<"rng_fold_in"> {
  let summary = "key [B..., 2] and ui32 data [B...] give a key [B..., 2]";
  let arguments = (ins AnyT:$key, AnyT:$data);
  let results = (outs AnyT:$result);
}

//===----------------------------------- control ---------------------------------===//
// Regions capture values from above. Bodies have one block each and end in nh.yield.

def YieldOp : NhOp<"yield", [Terminator, Pure]> {
  let summary = "ends a region and gives its results";
  let arguments = (ins Variadic<AnyT>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}
def ForOp : NhOp<"for", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "static loop: region (i: tensor<i64>, carries..., x slices...) yields (carries..., y slices...); xs and ys have leading extent trip; reverse visits i = trip-1 ... 0";
  let arguments = (ins I64Attr:$trip, I64Attr:$num_carries, BoolAttr:$reverse, Variadic<AnyT>:$inputs);
  let results = (outs Variadic<AnyT>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "operands attr-dict-with-keyword `:` functional-type(operands, results) $body";
}
def WhileOp : NhOp<"while", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "while cond(carries) carries = body(carries); cond yields tensor<i1>; max_trip >= 0 bounds the iterations (-1: unbounded)";
  let arguments = (ins I64Attr:$max_trip, Variadic<AnyT>:$inits);
  let results = (outs Variadic<AnyT>:$outputs);
  let regions = (region SizedRegion<1>:$cond, SizedRegion<1>:$body);
  let assemblyFormat = "operands attr-dict-with-keyword `:` functional-type(operands, results) $cond $body";
}
def CaseOp : NhOp<"case", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "runs branch number index (tensor<i64>, clamped); branches have no arguments";
  let arguments = (ins AnyT:$index);
  let results = (outs Variadic<AnyT>:$outputs);
  let regions = (region VariadicRegion<SizedRegion<1>>:$branches);
  let assemblyFormat = "$index attr-dict-with-keyword `:` functional-type(operands, results) $branches";
}
def CustomDerivativeOp : NhOp<"custom_derivative", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "primal with a user's rule; regions: primal(args) and either jvp(args, tangents) -> (results, tangents) or forward(args) -> (results, residuals), backward(residuals, cotangents) -> argument cotangents; num_residuals < 0 means jvp";
  let arguments = (ins I64Attr:$num_residuals, Variadic<AnyT>:$inputs);
  let results = (outs Variadic<AnyT>:$outputs);
  let regions = (region VariadicRegion<SizedRegion<1>>:$rules);
  let assemblyFormat = "operands attr-dict-with-keyword `:` functional-type(operands, results) $rules";
}
def CheckpointOp : NhOp<"checkpoint", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "the body's results; reverse mode computes the body again instead of keeping what is inside";
  let arguments = (ins Variadic<AnyT>:$inputs);
  let results = (outs Variadic<AnyT>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "operands attr-dict-with-keyword `:` functional-type(operands, results) $body";
}
def BarrierOp : PureOp<"barrier"> {
  let summary = "x, but not before the operands `after` are known; equal computations from x and from the barrier stay apart";
  let arguments = (ins AnyT:$x, Variadic<AnyT>:$after);
  let results = (outs AnyT:$result);
}

//===------------------------------------ host -----------------------------------===//

def CustomCallOp : PureOp<"custom_call"> {
  let summary = "foreign code: the function registered under `function`, once for every index of the `batch` leading dimensions that all operands and results have";
  let arguments = (ins StrAttr:$function, I64Attr:$batch, TypeArrayAttr:$types, Variadic<AnyT>:$inputs);
  let results = (outs Variadic<AnyT>:$outputs);
}
def ReportOp : NhOp<"report", [MemoryEffects<[MemWrite]>]> {
  let summary = "where mask (i1, the leading dimensions of all values) holds, tells the host `text` with the values in its fields; fatal: as an error after the run";
  let arguments = (ins StrAttr:$text, BoolAttr:$fatal, AnyT:$mask, Variadic<AnyT>:$values);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

//===------------------------------- transformations -----------------------------===//
// Expanded by the passes of the same names, innermost first; nothing below them sees these operations.

def VjpOp : NhOp<"vjp", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "operands: num_primals primals, then one cotangent per yielded value; results: the yielded values, then the cotangents of primals `wrt`";
  let arguments = (ins I64Attr:$num_primals, DenseI64ArrayAttr:$wrt, Variadic<AnyT>:$inputs);
  let results = (outs Variadic<AnyT>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "operands attr-dict-with-keyword `:` functional-type(operands, results) $body";
}
def JvpOp : NhOp<"jvp", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "operands: primals, then one tangent each; results: the yielded values, then their tangents";
  let arguments = (ins Variadic<AnyT>:$inputs);
  let results = (outs Variadic<AnyT>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "operands attr-dict-with-keyword `:` functional-type(operands, results) $body";
}
def VmapOp : NhOp<"vmap", [RecursiveMemoryEffects, SingleBlock]> {
  let summary = "maps the body over a new axis of extent `size`; in_axes[k] is the mapped axis of operand k or -1; results carry the axis in front";
  let arguments = (ins I64Attr:$size, DenseI64ArrayAttr:$in_axes, Variadic<AnyT>:$inputs);
  let results = (outs Variadic<AnyT>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "operands attr-dict-with-keyword `:` functional-type(operands, results) $body";
}

//===------------------------------------ chains ---------------------------------===//

def LaneAnyOp : PureOp<"lane_any"> {
  let summary = "true when the operand (tensor<i1>) is true in some lane of the pack; made by the lane masking pass";
  let arguments = (ins AnyT:$x);
  let results = (outs AnyT:$result);
}
def EmitOp : NhOp<"emit", [MemoryEffects<[MemWrite]>]> {
  let summary = "where mask (tensor<i1>) holds, stores value at position index (tensor<i64>) of output stream `stream`";
  let arguments = (ins I64Attr:$stream, AnyT:$mask, AnyT:$index, AnyT:$value);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

#endif
