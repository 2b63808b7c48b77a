; kernel sum, avx512
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
declare i64 @llvm.umin.i64(i64, i64)
declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, i32 immarg, <16 x i1>, <16 x float>)
declare void @llvm.masked.store.v16f32.p0(<16 x float>, ptr, i32 immarg, <16 x i1>)
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
  %acc4 = alloca <16 x double>, align 64
  %acc5 = alloca <16 x double>, align 64
  %acc6 = alloca <16 x double>, align 64
  %acc7 = alloca <16 x double>, align 64
  %acc8 = alloca <16 x double>, align 64
  br label %L1.pre
L1.pre:
  %L1.some = icmp slt i64 0, %k1
  br i1 %L1.some, label %L1.body, label %L1.end
L1.body:
  %L1.i = phi i64 [ 0, %L1.pre ], [ %L1.in, %L1.latch ]
  %v1 = srem i64 %k0, 128
  %v2 = sub i64 %k0, %v1
  br label %L2.pre
L2.pre:
  %L2.some = icmp slt i64 0, %v2
  br i1 %L2.some, label %L2.body, label %L2.end
L2.body:
  %L2.i = phi i64 [ 0, %L2.pre ], [ %L2.in, %L2.latch ]
  %v3 = mul i64 %L1.i, %s3.0
  %v4 = mul i64 %L2.i, %s2.0
  %v5 = add i64 %v3, %v4
  %v6 = getelementptr i8, ptr %p0, i64 %v5
  %v7 = mul i64 %L1.i, %s3.1
  %v8 = mul i64 %L2.i, %s2.1
  %v9 = add i64 %v7, %v8
  %v10 = getelementptr i8, ptr %p1, i64 %v9
  %v11 = add i64 %L2.i, 16
  %v12 = mul i64 %L1.i, %s3.0
  %v13 = mul i64 %v11, %s2.0
  %v14 = add i64 %v12, %v13
  %v15 = getelementptr i8, ptr %p0, i64 %v14
  %v16 = mul i64 %L1.i, %s3.1
  %v17 = mul i64 %v11, %s2.1
  %v18 = add i64 %v16, %v17
  %v19 = getelementptr i8, ptr %p1, i64 %v18
  %v20 = add i64 %L2.i, 32
  %v21 = mul i64 %L1.i, %s3.0
  %v22 = mul i64 %v20, %s2.0
  %v23 = add i64 %v21, %v22
  %v24 = getelementptr i8, ptr %p0, i64 %v23
  %v25 = mul i64 %L1.i, %s3.1
  %v26 = mul i64 %v20, %s2.1
  %v27 = add i64 %v25, %v26
  %v28 = getelementptr i8, ptr %p1, i64 %v27
  %v29 = add i64 %L2.i, 48
  %v30 = mul i64 %L1.i, %s3.0
  %v31 = mul i64 %v29, %s2.0
  %v32 = add i64 %v30, %v31
  %v33 = getelementptr i8, ptr %p0, i64 %v32
  %v34 = mul i64 %L1.i, %s3.1
  %v35 = mul i64 %v29, %s2.1
  %v36 = add i64 %v34, %v35
  %v37 = getelementptr i8, ptr %p1, i64 %v36
  %v38 = add i64 %L2.i, 64
  %v39 = mul i64 %L1.i, %s3.0
  %v40 = mul i64 %v38, %s2.0
  %v41 = add i64 %v39, %v40
  %v42 = getelementptr i8, ptr %p0, i64 %v41
  %v43 = mul i64 %L1.i, %s3.1
  %v44 = mul i64 %v38, %s2.1
  %v45 = add i64 %v43, %v44
  %v46 = getelementptr i8, ptr %p1, i64 %v45
  %v47 = add i64 %L2.i, 80
  %v48 = mul i64 %L1.i, %s3.0
  %v49 = mul i64 %v47, %s2.0
  %v50 = add i64 %v48, %v49
  %v51 = getelementptr i8, ptr %p0, i64 %v50
  %v52 = mul i64 %L1.i, %s3.1
  %v53 = mul i64 %v47, %s2.1
  %v54 = add i64 %v52, %v53
  %v55 = getelementptr i8, ptr %p1, i64 %v54
  %v56 = add i64 %L2.i, 96
  %v57 = mul i64 %L1.i, %s3.0
  %v58 = mul i64 %v56, %s2.0
  %v59 = add i64 %v57, %v58
  %v60 = getelementptr i8, ptr %p0, i64 %v59
  %v61 = mul i64 %L1.i, %s3.1
  %v62 = mul i64 %v56, %s2.1
  %v63 = add i64 %v61, %v62
  %v64 = getelementptr i8, ptr %p1, i64 %v63
  %v65 = add i64 %L2.i, 112
  %v66 = mul i64 %L1.i, %s3.0
  %v67 = mul i64 %v65, %s2.0
  %v68 = add i64 %v66, %v67
  %v69 = getelementptr i8, ptr %p0, i64 %v68
  %v70 = mul i64 %L1.i, %s3.1
  %v71 = mul i64 %v65, %s2.1
  %v72 = add i64 %v70, %v71
  %v73 = getelementptr i8, ptr %p1, i64 %v72
  store <16 x double> splat (double 0x0000000000000000), ptr %acc0, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc1, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc2, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc3, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc4, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc5, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc6, align 64
  store <16 x double> splat (double 0x0000000000000000), ptr %acc7, align 64
  br label %L3.pre
L3.pre:
  %L3.some = icmp slt i64 0, %r1
  br i1 %L3.some, label %L3.body, label %L3.end
L3.body:
  %L3.i = phi i64 [ 0, %L3.pre ], [ %L3.in, %L3.latch ]
  %v74 = mul i64 %L3.i, %s1.1
  %v75 = getelementptr i8, ptr %v10, i64 %v74
  %v76 = mul i64 %L3.i, %s1.1
  %v77 = getelementptr i8, ptr %v19, i64 %v76
  %v78 = mul i64 %L3.i, %s1.1
  %v79 = getelementptr i8, ptr %v28, i64 %v78
  %v80 = mul i64 %L3.i, %s1.1
  %v81 = getelementptr i8, ptr %v37, i64 %v80
  %v82 = mul i64 %L3.i, %s1.1
  %v83 = getelementptr i8, ptr %v46, i64 %v82
  %v84 = mul i64 %L3.i, %s1.1
  %v85 = getelementptr i8, ptr %v55, i64 %v84
  %v86 = mul i64 %L3.i, %s1.1
  %v87 = getelementptr i8, ptr %v64, i64 %v86
  %v88 = mul i64 %L3.i, %s1.1
  %v89 = getelementptr i8, ptr %v73, i64 %v88
  br label %L4.pre
L4.pre:
  %L4.some = icmp slt i64 0, %r0
  br i1 %L4.some, label %L4.body, label %L4.end
L4.body:
  %L4.i = phi i64 [ 0, %L4.pre ], [ %L4.in, %L4.latch ]
  %v90 = mul i64 %L4.i, %s0.1
  %v91 = getelementptr i8, ptr %v75, i64 %v90
  %v92 = mul i64 %L4.i, %s0.1
  %v93 = getelementptr i8, ptr %v77, i64 %v92
  %v94 = mul i64 %L4.i, %s0.1
  %v95 = getelementptr i8, ptr %v79, i64 %v94
  %v96 = mul i64 %L4.i, %s0.1
  %v97 = getelementptr i8, ptr %v81, i64 %v96
  %v98 = mul i64 %L4.i, %s0.1
  %v99 = getelementptr i8, ptr %v83, i64 %v98
  %v100 = mul i64 %L4.i, %s0.1
  %v101 = getelementptr i8, ptr %v85, i64 %v100
  %v102 = mul i64 %L4.i, %s0.1
  %v103 = getelementptr i8, ptr %v87, i64 %v102
  %v104 = mul i64 %L4.i, %s0.1
  %v105 = getelementptr i8, ptr %v89, i64 %v104
  %v106 = mul i64 %s0.1, 6
  %v107 = getelementptr i8, ptr %v91, i64 %v106
  call void @llvm.prefetch.p0(ptr %v107, i32 0, i32 3, i32 1)
  %v108 = getelementptr i8, ptr %v93, i64 %v106
  call void @llvm.prefetch.p0(ptr %v108, i32 0, i32 3, i32 1)
  %v109 = getelementptr i8, ptr %v95, i64 %v106
  call void @llvm.prefetch.p0(ptr %v109, i32 0, i32 3, i32 1)
  %v110 = getelementptr i8, ptr %v97, i64 %v106
  call void @llvm.prefetch.p0(ptr %v110, i32 0, i32 3, i32 1)
  %v111 = getelementptr i8, ptr %v99, i64 %v106
  call void @llvm.prefetch.p0(ptr %v111, i32 0, i32 3, i32 1)
  %v112 = getelementptr i8, ptr %v101, i64 %v106
  call void @llvm.prefetch.p0(ptr %v112, i32 0, i32 3, i32 1)
  %v113 = getelementptr i8, ptr %v103, i64 %v106
  call void @llvm.prefetch.p0(ptr %v113, i32 0, i32 3, i32 1)
  %v114 = getelementptr i8, ptr %v105, i64 %v106
  call void @llvm.prefetch.p0(ptr %v114, i32 0, i32 3, i32 1)
  %v115 = load <16 x float>, ptr %v91, align 4
  %v116 = load <16 x float>, ptr %v93, align 4
  %v117 = load <16 x float>, ptr %v95, align 4
  %v118 = load <16 x float>, ptr %v97, align 4
  %v119 = load <16 x float>, ptr %v99, align 4
  %v120 = load <16 x float>, ptr %v101, align 4
  %v121 = load <16 x float>, ptr %v103, align 4
  %v122 = load <16 x float>, ptr %v105, align 4
  %v123 = load <16 x double>, ptr %acc0, align 64
  %v124 = fpext <16 x float> %v115 to <16 x double>
  %v125 = fadd contract <16 x double> %v123, %v124
  store <16 x double> %v125, ptr %acc0, align 64
  %v126 = load <16 x double>, ptr %acc1, align 64
  %v127 = fpext <16 x float> %v116 to <16 x double>
  %v128 = fadd contract <16 x double> %v126, %v127
  store <16 x double> %v128, ptr %acc1, align 64
  %v129 = load <16 x double>, ptr %acc2, align 64
  %v130 = fpext <16 x float> %v117 to <16 x double>
  %v131 = fadd contract <16 x double> %v129, %v130
  store <16 x double> %v131, ptr %acc2, align 64
  %v132 = load <16 x double>, ptr %acc3, align 64
  %v133 = fpext <16 x float> %v118 to <16 x double>
  %v134 = fadd contract <16 x double> %v132, %v133
  store <16 x double> %v134, ptr %acc3, align 64
  %v135 = load <16 x double>, ptr %acc4, align 64
  %v136 = fpext <16 x float> %v119 to <16 x double>
  %v137 = fadd contract <16 x double> %v135, %v136
  store <16 x double> %v137, ptr %acc4, align 64
  %v138 = load <16 x double>, ptr %acc5, align 64
  %v139 = fpext <16 x float> %v120 to <16 x double>
  %v140 = fadd contract <16 x double> %v138, %v139
  store <16 x double> %v140, ptr %acc5, align 64
  %v141 = load <16 x double>, ptr %acc6, align 64
  %v142 = fpext <16 x float> %v121 to <16 x double>
  %v143 = fadd contract <16 x double> %v141, %v142
  store <16 x double> %v143, ptr %acc6, align 64
  %v144 = load <16 x double>, ptr %acc7, align 64
  %v145 = fpext <16 x float> %v122 to <16 x double>
  %v146 = fadd contract <16 x double> %v144, %v145
  store <16 x double> %v146, ptr %acc7, align 64
  br label %L4.latch
L4.latch:
  %L4.in = add i64 %L4.i, 1
  %L4.more = icmp slt i64 %L4.in, %r0
  br i1 %L4.more, label %L4.body, label %L4.end
L4.end:
  br label %L3.latch
L3.latch:
  %L3.in = add i64 %L3.i, 1
  %L3.more = icmp slt i64 %L3.in, %r1
  br i1 %L3.more, label %L3.body, label %L3.end
L3.end:
  %v147 = load <16 x double>, ptr %acc0, align 64
  %v148 = load <16 x double>, ptr %acc1, align 64
  %v149 = load <16 x double>, ptr %acc2, align 64
  %v150 = load <16 x double>, ptr %acc3, align 64
  %v151 = load <16 x double>, ptr %acc4, align 64
  %v152 = load <16 x double>, ptr %acc5, align 64
  %v153 = load <16 x double>, ptr %acc6, align 64
  %v154 = load <16 x double>, ptr %acc7, align 64
  %v155 = fptrunc <16 x double> %v147 to <16 x float>
  %v156 = fptrunc <16 x double> %v148 to <16 x float>
  %v157 = fptrunc <16 x double> %v149 to <16 x float>
  %v158 = fptrunc <16 x double> %v150 to <16 x float>
  %v159 = fptrunc <16 x double> %v151 to <16 x float>
  %v160 = fptrunc <16 x double> %v152 to <16 x float>
  %v161 = fptrunc <16 x double> %v153 to <16 x float>
  %v162 = fptrunc <16 x double> %v154 to <16 x float>
  store <16 x float> %v155, ptr %v6, align 4
  store <16 x float> %v156, ptr %v15, align 4
  store <16 x float> %v157, ptr %v24, align 4
  store <16 x float> %v158, ptr %v33, align 4
  store <16 x float> %v159, ptr %v42, align 4
  store <16 x float> %v160, ptr %v51, align 4
  store <16 x float> %v161, ptr %v60, align 4
  store <16 x float> %v162, ptr %v69, align 4
  br label %L2.latch
L2.latch:
  %L2.in = add i64 %L2.i, 128
  %L2.more = icmp slt i64 %L2.in, %v2
  br i1 %L2.more, label %L2.body, label %L2.end
L2.end:
  br label %L5.pre
L5.pre:
  %L5.some = icmp slt i64 %v2, %k0
  br i1 %L5.some, label %L5.body, label %L5.end
L5.body:
  %L5.i = phi i64 [ %v2, %L5.pre ], [ %L5.in, %L5.latch ]
  %v163 = sub i64 %k0, %L5.i
  %v164 = call i64 @llvm.umin.i64(i64 %v163, i64 16)
  %v165 = trunc i64 %v164 to i32
  %v166 = insertelement <16 x i32> poison, i32 %v165, i64 0
  %v167 = shufflevector <16 x i32> %v166, <16 x i32> poison, <16 x i32> zeroinitializer
  %v168 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v167
  %v169 = call i64 @llvm.umin.i64(i64 %v163, i64 16)
  %v170 = mul i64 %L1.i, %s3.0
  %v171 = mul i64 %L5.i, %s2.0
  %v172 = add i64 %v170, %v171
  %v173 = getelementptr i8, ptr %p0, i64 %v172
  %v174 = mul i64 %L1.i, %s3.1
  %v175 = mul i64 %L5.i, %s2.1
  %v176 = add i64 %v174, %v175
  %v177 = getelementptr i8, ptr %p1, i64 %v176
  store <16 x double> splat (double 0x0000000000000000), ptr %acc8, align 64
  br label %L6.pre
L6.pre:
  %L6.some = icmp slt i64 0, %r1
  br i1 %L6.some, label %L6.body, label %L6.end
L6.body:
  %L6.i = phi i64 [ 0, %L6.pre ], [ %L6.in, %L6.latch ]
  %v178 = mul i64 %L6.i, %s1.1
  %v179 = getelementptr i8, ptr %v177, i64 %v178
  br label %L7.pre
L7.pre:
  %L7.some = icmp slt i64 0, %r0
  br i1 %L7.some, label %L7.body, label %L7.end
L7.body:
  %L7.i = phi i64 [ 0, %L7.pre ], [ %L7.in, %L7.latch ]
  %v180 = mul i64 %L7.i, %s0.1
  %v181 = getelementptr i8, ptr %v179, i64 %v180
  %v182 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %v181, i32 4, <16 x i1> %v168, <16 x float> splat (float 0x3FF0000000000000))
  %v183 = load <16 x double>, ptr %acc8, align 64
  %v184 = fpext <16 x float> %v182 to <16 x double>
  %v185 = fadd contract <16 x double> %v183, %v184
  store <16 x double> %v185, ptr %acc8, align 64
  br label %L7.latch
L7.latch:
  %L7.in = add i64 %L7.i, 1
  %L7.more = icmp slt i64 %L7.in, %r0
  br i1 %L7.more, label %L7.body, label %L7.end
L7.end:
  br label %L6.latch
L6.latch:
  %L6.in = add i64 %L6.i, 1
  %L6.more = icmp slt i64 %L6.in, %r1
  br i1 %L6.more, label %L6.body, label %L6.end
L6.end:
  %v186 = load <16 x double>, ptr %acc8, align 64
  %v187 = fptrunc <16 x double> %v186 to <16 x float>
  call void @llvm.masked.store.v16f32.p0(<16 x float> %v187, ptr %v173, i32 4, <16 x i1> %v168)
  br label %L5.latch
L5.latch:
  %L5.in = add i64 %L5.i, 16
  %L5.more = icmp slt i64 %L5.in, %k0
  br i1 %L5.more, label %L5.body, label %L5.end
L5.end:
  br label %L1.latch
L1.latch:
  %L1.in = add i64 %L1.i, 1
  %L1.more = icmp slt i64 %L1.in, %k1
  br i1 %L1.more, label %L1.body, label %L1.end
L1.end:
  ret void
}
attributes #0 = { nounwind "target-cpu"="x86-64-v4" "min-legal-vector-width"="512" "prefer-vector-width"="512" }
