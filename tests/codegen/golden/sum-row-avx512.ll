; kernel sum, avx512
declare i64 @llvm.umin.i64(i64, i64)
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, i32 immarg, <16 x i1>, <16 x float>)
define void @sum(ptr noalias nocapture readonly %sizes, ptr noalias nocapture readonly %ptrs, ptr noalias nocapture readonly %strides) #0 {
entry:
  %r0.p = getelementptr i8, ptr %sizes, i64 0
  %r0 = load i64, ptr %r0.p, align 8
  %r1.p = getelementptr i8, ptr %sizes, i64 8
  %r1 = load i64, ptr %r1.p, align 8
  %k0.p = getelementptr i8, ptr %sizes, i64 16
  %k0 = load i64, ptr %k0.p, align 8
  %k1.p = getelementptr i8, ptr %sizes, i64 24
  %k1 = load i64, ptr %k1.p, align 8
  %count = mul i64 %r0, %r1
  %pp0 = getelementptr i8, ptr %ptrs, i64 0
  %p0 = load ptr, ptr %pp0, align 8
  %q0.0 = getelementptr i8, ptr %strides, i64 0
  %s0.0 = load i64, ptr %q0.0, align 8
  %q1.0 = getelementptr i8, ptr %strides, i64 16
  %s1.0 = load i64, ptr %q1.0, align 8
  %q2.0 = getelementptr i8, ptr %strides, i64 32
  %s2.0 = load i64, ptr %q2.0, align 8
  %q3.0 = getelementptr i8, ptr %strides, i64 48
  %s3.0 = load i64, ptr %q3.0, align 8
  %pp1 = getelementptr i8, ptr %ptrs, i64 8
  %p1 = load ptr, ptr %pp1, align 8
  %q0.1 = getelementptr i8, ptr %strides, i64 8
  %s0.1 = load i64, ptr %q0.1, align 8
  %q1.1 = getelementptr i8, ptr %strides, i64 24
  %s1.1 = load i64, ptr %q1.1, align 8
  %q2.1 = getelementptr i8, ptr %strides, i64 40
  %s2.1 = load i64, ptr %q2.1, align 8
  %q3.1 = getelementptr i8, ptr %strides, i64 56
  %s3.1 = load i64, ptr %q3.1, align 8
  %acc0 = alloca <16 x double>, align 64
  %acc1 = alloca <16 x double>, align 64
  %acc2 = alloca <16 x double>, align 64
  %acc3 = alloca <16 x double>, align 64
  br label %L1.pre
L1.pre:
  %L1.some = icmp slt i64 0, %k1
  br i1 %L1.some, label %L1.body, label %L1.end
L1.body:
  %L1.i = phi i64 [ 0, %L1.pre ], [ %L1.in, %L1.latch ]
  br label %L2.pre
L2.pre:
  %L2.some = icmp slt i64 0, %k0
  br i1 %L2.some, label %L2.body, label %L2.end
L2.body:
  %L2.i = phi i64 [ 0, %L2.pre ], [ %L2.in, %L2.latch ]
  %v1 = mul i64 %L1.i, %s3.0
  %v2 = mul i64 %L2.i, %s2.0
  %v3 = add i64 %v1, %v2
  %v4 = getelementptr i8, ptr %p0, i64 %v3
  %v5 = mul i64 %L1.i, %s3.1
  %v6 = mul i64 %L2.i, %s2.1
  %v7 = add i64 %v5, %v6
  %v8 = getelementptr i8, ptr %p1, i64 %v7
  store <16 x double> splat (double 0x0000000000000000), ptr %acc0, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc1, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc2, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc3, align 64
  br label %L3.pre
L3.pre:
  %L3.some = icmp slt i64 0, %r1
  br i1 %L3.some, label %L3.body, label %L3.end
L3.body:
  %L3.i = phi i64 [ 0, %L3.pre ], [ %L3.in, %L3.latch ]
  %v9 = mul i64 %L3.i, %s1.1
  %v10 = getelementptr i8, ptr %v8, i64 %v9
  %v11 = srem i64 %r0, 64
  %v12 = sub i64 %r0, %v11
  br label %L4.pre
L4.pre:
  %L4.some = icmp slt i64 0, %v12
  br i1 %L4.some, label %L4.body, label %L4.end
L4.body:
  %L4.i = phi i64 [ 0, %L4.pre ], [ %L4.in, %L4.latch ]
  %v13 = mul i64 %L4.i, 4
  %v14 = getelementptr i8, ptr %v10, i64 %v13
  %v15 = add i64 %L4.i, 16
  %v16 = mul i64 %v15, 4
  %v17 = getelementptr i8, ptr %v10, i64 %v16
  %v18 = add i64 %L4.i, 32
  %v19 = mul i64 %v18, 4
  %v20 = getelementptr i8, ptr %v10, i64 %v19
  %v21 = add i64 %L4.i, 48
  %v22 = mul i64 %v21, 4
  %v23 = getelementptr i8, ptr %v10, i64 %v22
  %v24 = load <16 x float>, ptr %v14, align 4
  %v25 = load <16 x float>, ptr %v17, align 4
  %v26 = load <16 x float>, ptr %v20, align 4
  %v27 = load <16 x float>, ptr %v23, align 4
  %v28 = load <16 x double>, ptr %acc0, align 64
  %v29 = fpext <16 x float> %v24 to <16 x double>
  %v30 = fadd contract <16 x double> %v28, %v29
  store <16 x double> %v30, ptr %acc0, align 64
  %v31 = load <16 x double>, ptr %acc1, align 64
  %v32 = fpext <16 x float> %v25 to <16 x double>
  %v33 = fadd contract <16 x double> %v31, %v32
  store <16 x double> %v33, ptr %acc1, align 64
  %v34 = load <16 x double>, ptr %acc2, align 64
  %v35 = fpext <16 x float> %v26 to <16 x double>
  %v36 = fadd contract <16 x double> %v34, %v35
  store <16 x double> %v36, ptr %acc2, align 64
  %v37 = load <16 x double>, ptr %acc3, align 64
  %v38 = fpext <16 x float> %v27 to <16 x double>
  %v39 = fadd contract <16 x double> %v37, %v38
  store <16 x double> %v39, ptr %acc3, align 64
  br label %L4.latch
L4.latch:
  %L4.in = add i64 %L4.i, 64
  %L4.more = icmp slt i64 %L4.in, %v12
  br i1 %L4.more, label %L4.body, label %L4.end
L4.end:
  br label %L5.pre
L5.pre:
  %L5.some = icmp slt i64 %v12, %r0
  br i1 %L5.some, label %L5.body, label %L5.end
L5.body:
  %L5.i = phi i64 [ %v12, %L5.pre ], [ %L5.in, %L5.latch ]
  %v40 = sub i64 %r0, %L5.i
  %v41 = call i64 @llvm.umin.i64(i64 %v40, i64 16)
  %v42 = trunc i64 %v41 to i32
  %v43 = insertelement <16 x i32> poison, i32 %v42, i64 0
  %v44 = shufflevector <16 x i32> %v43, <16 x i32> poison, <16 x i32> zeroinitializer
  %v45 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v44
  %v46 = call i64 @llvm.umin.i64(i64 %v40, i64 16)
  %v47 = mul i64 %L5.i, 4
  %v48 = getelementptr i8, ptr %v10, i64 %v47
  %v49 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %v48, i32 4, <16 x i1> %v45, <16 x float> splat (float 0x3FF0000000000000))
  %v50 = load <16 x double>, ptr %acc0, align 64
  %v51 = fpext <16 x float> %v49 to <16 x double>
  %v52 = select <16 x i1> %v45, <16 x double> %v51, <16 x double> splat (double 0x0000000000000000)
  %v53 = fadd contract <16 x double> %v50, %v52
  store <16 x double> %v53, ptr %acc0, align 64
  br label %L5.latch
L5.latch:
  %L5.in = add i64 %L5.i, 16
  %L5.more = icmp slt i64 %L5.in, %r0
  br i1 %L5.more, label %L5.body, label %L5.end
L5.end:
  br label %L3.latch
L3.latch:
  %L3.in = add i64 %L3.i, 1
  %L3.more = icmp slt i64 %L3.in, %r1
  br i1 %L3.more, label %L3.body, label %L3.end
L3.end:
  %v54 = load <16 x double>, ptr %acc0, align 64
  %v55 = load <16 x double>, ptr %acc1, align 64
  %v56 = load <16 x double>, ptr %acc2, align 64
  %v57 = load <16 x double>, ptr %acc3, align 64
  %v58 = fadd contract <16 x double> %v54, %v56
  %v59 = fadd contract <16 x double> %v55, %v57
  %v60 = fadd contract <16 x double> %v58, %v59
  %v61 = shufflevector <16 x double> %v60, <16 x double> poison, <16 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v62 = fadd contract <16 x double> %v60, %v61
  %v63 = shufflevector <16 x double> %v62, <16 x double> poison, <16 x i32> <i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 0, i32 1, i32 2, i32 3>
  %v64 = fadd contract <16 x double> %v62, %v63
  %v65 = shufflevector <16 x double> %v64, <16 x double> poison, <16 x i32> <i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 0, i32 1>
  %v66 = fadd contract <16 x double> %v64, %v65
  %v67 = shufflevector <16 x double> %v66, <16 x double> poison, <16 x i32> <i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15, i32 0>
  %v68 = fadd contract <16 x double> %v66, %v67
  %v69 = fptrunc <16 x double> %v68 to <16 x float>
  %v70 = extractelement <16 x float> %v69, i64 0
  store float %v70, ptr %v4, align 4
  br label %L2.latch
L2.latch:
  %L2.in = add i64 %L2.i, 1
  %L2.more = icmp slt i64 %L2.in, %k0
  br i1 %L2.more, label %L2.body, label %L2.end
L2.end:
  br label %L1.latch
L1.latch:
  %L1.in = add i64 %L1.i, 1
  %L1.more = icmp slt i64 %L1.in, %k1
  br i1 %L1.more, label %L1.body, label %L1.end
L1.end:
  ret void
}
attributes #0 = { nounwind "target-cpu"="x86-64-v4" "min-legal-vector-width"="512" "prefer-vector-width"="512" }
