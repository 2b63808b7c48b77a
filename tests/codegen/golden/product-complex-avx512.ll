; kernel product, avx512
declare <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float>)
declare i64 @llvm.umin.i64(i64, i64)
declare <32 x float> @llvm.masked.load.v32f32.p0(ptr, i32 immarg, <32 x i1>, <32 x float>)
declare void @llvm.masked.store.v32f32.p0(<32 x float>, ptr, i32 immarg, <32 x i1>)
define void @product(ptr noalias nocapture readonly %sizes, ptr noalias nocapture readonly %ptrs, ptr noalias nocapture readonly %strides) #0 {
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
  %v1 = getelementptr i8, ptr %r2, i64 4
  %v2 = load float, ptr %r2, align 4
  %v3 = insertelement <16 x float> poison, float %v2, i64 0
  %v4 = shufflevector <16 x float> %v3, <16 x float> poison, <16 x i32> zeroinitializer
  %v5 = load float, ptr %v1, align 4
  %v6 = insertelement <16 x float> poison, float %v5, i64 0
  %v7 = shufflevector <16 x float> %v6, <16 x float> poison, <16 x i32> zeroinitializer
  %whole = urem i64 %n0, 32
  %main.n = sub i64 %n0, %whole
  %main.some = icmp ne i64 %main.n, 0
  br i1 %main.some, label %main, label %tail.head
main:
  %i = phi i64 [ 0, %row ], [ %in, %main ]
  %v8 = mul i64 %i, 8
  %v9 = getelementptr i8, ptr %r0, i64 %v8
  %v10 = mul i64 %i, 8
  %v11 = getelementptr i8, ptr %r1, i64 %v10
  %v12 = load <32 x float>, ptr %v11, align 4
  %v13 = shufflevector <32 x float> %v12, <32 x float> poison, <16 x i32> <i32 0, i32 2, i32 4, i32 6, i32 8, i32 10, i32 12, i32 14, i32 16, i32 18, i32 20, i32 22, i32 24, i32 26, i32 28, i32 30>
  %v14 = shufflevector <32 x float> %v12, <32 x float> poison, <16 x i32> <i32 1, i32 3, i32 5, i32 7, i32 9, i32 11, i32 13, i32 15, i32 17, i32 19, i32 21, i32 23, i32 25, i32 27, i32 29, i32 31>
  %v15 = getelementptr i8, ptr %v11, i64 128
  %v16 = load <32 x float>, ptr %v15, align 4
  %v17 = shufflevector <32 x float> %v16, <32 x float> poison, <16 x i32> <i32 0, i32 2, i32 4, i32 6, i32 8, i32 10, i32 12, i32 14, i32 16, i32 18, i32 20, i32 22, i32 24, i32 26, i32 28, i32 30>
  %v18 = shufflevector <32 x float> %v16, <32 x float> poison, <16 x i32> <i32 1, i32 3, i32 5, i32 7, i32 9, i32 11, i32 13, i32 15, i32 17, i32 19, i32 21, i32 23, i32 25, i32 27, i32 29, i32 31>
  %v19 = fmul contract <16 x float> %v13, %v4
  %v20 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v19)
  %v21 = fmul contract <16 x float> %v14, %v7
  %v22 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v21)
  %v23 = fsub contract <16 x float> %v20, %v22
  %v24 = fmul contract <16 x float> %v13, %v7
  %v25 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v24)
  %v26 = fmul contract <16 x float> %v14, %v4
  %v27 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v26)
  %v28 = fadd contract <16 x float> %v25, %v27
  %v29 = fmul contract <16 x float> %v17, %v4
  %v30 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v29)
  %v31 = fmul contract <16 x float> %v18, %v7
  %v32 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v31)
  %v33 = fsub contract <16 x float> %v30, %v32
  %v34 = fmul contract <16 x float> %v17, %v7
  %v35 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v34)
  %v36 = fmul contract <16 x float> %v18, %v4
  %v37 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v36)
  %v38 = fadd contract <16 x float> %v35, %v37
  %v39 = shufflevector <16 x float> %v23, <16 x float> %v28, <32 x i32> <i32 0, i32 16, i32 1, i32 17, i32 2, i32 18, i32 3, i32 19, i32 4, i32 20, i32 5, i32 21, i32 6, i32 22, i32 7, i32 23, i32 8, i32 24, i32 9, i32 25, i32 10, i32 26, i32 11, i32 27, i32 12, i32 28, i32 13, i32 29, i32 14, i32 30, i32 15, i32 31>
  store <32 x float> %v39, ptr %v9, align 4
  %v40 = getelementptr i8, ptr %v9, i64 128
  %v41 = shufflevector <16 x float> %v33, <16 x float> %v38, <32 x i32> <i32 0, i32 16, i32 1, i32 17, i32 2, i32 18, i32 3, i32 19, i32 4, i32 20, i32 5, i32 21, i32 6, i32 22, i32 7, i32 23, i32 8, i32 24, i32 9, i32 25, i32 10, i32 26, i32 11, i32 27, i32 12, i32 28, i32 13, i32 29, i32 14, i32 30, i32 15, i32 31>
  store <32 x float> %v41, ptr %v40, align 4
  %in = add i64 %i, 32
  %main.more = icmp ult i64 %in, %main.n
  br i1 %main.more, label %main, label %tail.head
tail.head:
  %t0 = phi i64 [ 0, %row ], [ %main.n, %main ]
  %tail.some = icmp ult i64 %t0, %n0
  br i1 %tail.some, label %tail, label %row.end
tail:
  %t = phi i64 [ %t0, %tail.head ], [ %tn, %tail.end ]
  %left = sub i64 %n0, %t
  %v42 = call i64 @llvm.umin.i64(i64 %left, i64 16)
  %v43 = trunc i64 %v42 to i32
  %v44 = insertelement <16 x i32> poison, i32 %v43, i64 0
  %v45 = shufflevector <16 x i32> %v44, <16 x i32> poison, <16 x i32> zeroinitializer
  %v46 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v45
  %v47 = mul i64 %t, 8
  %v48 = getelementptr i8, ptr %r0, i64 %v47
  %v49 = mul i64 %t, 8
  %v50 = getelementptr i8, ptr %r1, i64 %v49
  %v51 = shufflevector <16 x i1> %v46, <16 x i1> poison, <32 x i32> <i32 0, i32 0, i32 1, i32 1, i32 2, i32 2, i32 3, i32 3, i32 4, i32 4, i32 5, i32 5, i32 6, i32 6, i32 7, i32 7, i32 8, i32 8, i32 9, i32 9, i32 10, i32 10, i32 11, i32 11, i32 12, i32 12, i32 13, i32 13, i32 14, i32 14, i32 15, i32 15>
  %v52 = call <32 x float> @llvm.masked.load.v32f32.p0(ptr %v50, i32 4, <32 x i1> %v51, <32 x float> splat (float 0x3FF0000000000000))
  %v53 = shufflevector <32 x float> %v52, <32 x float> poison, <16 x i32> <i32 0, i32 2, i32 4, i32 6, i32 8, i32 10, i32 12, i32 14, i32 16, i32 18, i32 20, i32 22, i32 24, i32 26, i32 28, i32 30>
  %v54 = shufflevector <32 x float> %v52, <32 x float> poison, <16 x i32> <i32 1, i32 3, i32 5, i32 7, i32 9, i32 11, i32 13, i32 15, i32 17, i32 19, i32 21, i32 23, i32 25, i32 27, i32 29, i32 31>
  %v55 = fmul contract <16 x float> %v53, %v4
  %v56 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v55)
  %v57 = fmul contract <16 x float> %v54, %v7
  %v58 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v57)
  %v59 = fsub contract <16 x float> %v56, %v58
  %v60 = fmul contract <16 x float> %v53, %v7
  %v61 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v60)
  %v62 = fmul contract <16 x float> %v54, %v4
  %v63 = call <16 x float> @llvm.arithmetic.fence.v16f32(<16 x float> %v62)
  %v64 = fadd contract <16 x float> %v61, %v63
  %v65 = shufflevector <16 x float> %v59, <16 x float> %v64, <32 x i32> <i32 0, i32 16, i32 1, i32 17, i32 2, i32 18, i32 3, i32 19, i32 4, i32 20, i32 5, i32 21, i32 6, i32 22, i32 7, i32 23, i32 8, i32 24, i32 9, i32 25, i32 10, i32 26, i32 11, i32 27, i32 12, i32 28, i32 13, i32 29, i32 14, i32 30, i32 15, i32 31>
  %v66 = shufflevector <16 x i1> %v46, <16 x i1> poison, <32 x i32> <i32 0, i32 0, i32 1, i32 1, i32 2, i32 2, i32 3, i32 3, i32 4, i32 4, i32 5, i32 5, i32 6, i32 6, i32 7, i32 7, i32 8, i32 8, i32 9, i32 9, i32 10, i32 10, i32 11, i32 11, i32 12, i32 12, i32 13, i32 13, i32 14, i32 14, i32 15, i32 15>
  call void @llvm.masked.store.v32f32.p0(<32 x float> %v65, ptr %v48, i32 4, <32 x i1> %v66)
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
