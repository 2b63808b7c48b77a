; kernel add, avx512
declare i64 @llvm.umin.i64(i64, i64)
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, i32 immarg, <16 x i1>, <16 x float>)
declare void @llvm.masked.store.v16f32.p0(<16 x float>, ptr, i32 immarg, <16 x i1>)
define void @add(ptr noalias nocapture readonly %sizes, ptr noalias nocapture readonly %ptrs, ptr noalias nocapture readonly %strides) #0 {
entry:
  %n0 = load i64, ptr %sizes, align 8
  %n1p = getelementptr i8, ptr %sizes, i64 8
  %n1 = load i64, ptr %n1p, align 8
  %some0 = icmp sgt i64 %n0, 0
  %some1 = icmp sgt i64 %n1, 0
  %some = and i1 %some0, %some1
  %pp0 = getelementptr i8, ptr %ptrs, i64 0
  %p0 = load ptr, ptr %pp0, align 8
  %op0 = getelementptr i8, ptr %strides, i64 24
  %o0 = load i64, ptr %op0, align 8
  %pp1 = getelementptr i8, ptr %ptrs, i64 8
  %p1 = load ptr, ptr %pp1, align 8
  %op1 = getelementptr i8, ptr %strides, i64 32
  %o1 = load i64, ptr %op1, align 8
  %pp2 = getelementptr i8, ptr %ptrs, i64 16
  %p2 = load ptr, ptr %pp2, align 8
  %op2 = getelementptr i8, ptr %strides, i64 40
  %o2 = load i64, ptr %op2, align 8
  br i1 %some, label %row, label %exit
row:
  %i1 = phi i64 [ 0, %entry ], [ %i1n, %row.end ]
  %d0 = mul i64 %i1, %o0
  %r0 = getelementptr i8, ptr %p0, i64 %d0
  %d1 = mul i64 %i1, %o1
  %r1 = getelementptr i8, ptr %p1, i64 %d1
  %d2 = mul i64 %i1, %o2
  %r2 = getelementptr i8, ptr %p2, i64 %d2
  %v1 = load float, ptr %r2, align 4
  %v2 = insertelement <16 x float> poison, float %v1, i64 0
  %v3 = shufflevector <16 x float> %v2, <16 x float> poison, <16 x i32> zeroinitializer
  %whole = urem i64 %n0, 64
  %main.n = sub i64 %n0, %whole
  %main.some = icmp ne i64 %main.n, 0
  br i1 %main.some, label %main, label %tail.head
main:
  %i = phi i64 [ 0, %row ], [ %in, %main ]
  %v4 = mul i64 %i, 4
  %v5 = getelementptr i8, ptr %r0, i64 %v4
  %v6 = mul i64 %i, 4
  %v7 = getelementptr i8, ptr %r1, i64 %v6
  %v8 = load <16 x float>, ptr %v7, align 4
  %v9 = getelementptr i8, ptr %v7, i64 64
  %v10 = load <16 x float>, ptr %v9, align 4
  %v11 = getelementptr i8, ptr %v7, i64 128
  %v12 = load <16 x float>, ptr %v11, align 4
  %v13 = getelementptr i8, ptr %v7, i64 192
  %v14 = load <16 x float>, ptr %v13, align 4
  %v15 = fadd contract <16 x float> %v8, %v3
  %v16 = fadd contract <16 x float> %v10, %v3
  %v17 = fadd contract <16 x float> %v12, %v3
  %v18 = fadd contract <16 x float> %v14, %v3
  store <16 x float> %v15, ptr %v5, align 4
  %v19 = getelementptr i8, ptr %v5, i64 64
  store <16 x float> %v16, ptr %v19, align 4
  %v20 = getelementptr i8, ptr %v5, i64 128
  store <16 x float> %v17, ptr %v20, align 4
  %v21 = getelementptr i8, ptr %v5, i64 192
  store <16 x float> %v18, ptr %v21, align 4
  %in = add i64 %i, 64
  %main.more = icmp ult i64 %in, %main.n
  br i1 %main.more, label %main, label %tail.head
tail.head:
  %t0 = phi i64 [ 0, %row ], [ %main.n, %main ]
  %tail.some = icmp ult i64 %t0, %n0
  br i1 %tail.some, label %tail, label %row.end
tail:
  %t = phi i64 [ %t0, %tail.head ], [ %tn, %tail.end ]
  %left = sub i64 %n0, %t
  %v22 = call i64 @llvm.umin.i64(i64 %left, i64 16)
  %v23 = trunc i64 %v22 to i32
  %v24 = insertelement <16 x i32> poison, i32 %v23, i64 0
  %v25 = shufflevector <16 x i32> %v24, <16 x i32> poison, <16 x i32> zeroinitializer
  %v26 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v25
  %v27 = mul i64 %t, 4
  %v28 = getelementptr i8, ptr %r0, i64 %v27
  %v29 = mul i64 %t, 4
  %v30 = getelementptr i8, ptr %r1, i64 %v29
  %v31 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %v30, i32 4, <16 x i1> %v26, <16 x float> splat (float 0x3FF0000000000000))
  %v32 = fadd contract <16 x float> %v31, %v3
  call void @llvm.masked.store.v16f32.p0(<16 x float> %v32, ptr %v28, i32 4, <16 x i1> %v26)
  br label %tail.end
tail.end:
  %tn = add i64 %t, 16
  %tail.more = icmp ult i64 %tn, %n0
  br i1 %tail.more, label %tail, label %row.end
row.end:
  %i1n = add i64 %i1, 1
  %row.more = icmp ult i64 %i1n, %n1
  br i1 %row.more, label %row, label %exit
exit:
  ret void
}
attributes #0 = { nounwind "target-cpu"="x86-64-v4" "min-legal-vector-width"="512" "prefer-vector-width"="512" }
